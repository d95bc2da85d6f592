// Every page works without scripts, which only add convenience. The scripts contact no server. They
// store only a person's habits, such as favorite roles, and never credentials. This script runs on
// every page and provides the helpers that the other scripts use.
"use strict";
const rolecall = (() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);

  // The texts that the scripts show, in the language of the page.
  const texts = JSON.parse(document.body.dataset.texts || "{}");

  // If the browser blocks storage, nothing is remembered, but everything else works.
  const habit = {
    read(name) {
      try {
        return localStorage.getItem(`rolecall.${name}`);
      } catch {
        return null;
      }
    },
    keep(name, value) {
      try {
        localStorage.setItem(`rolecall.${name}`, value);
      } catch {
        return;
      }
    },
    forget(name) {
      try {
        localStorage.removeItem(`rolecall.${name}`);
      } catch {
        return;
      }
    },
  };

  const element = (name, attributes, text) => {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  };

  // Forms

  const submitNow = () => {
    const form = one("form[data-submit-now]");
    // A field named `submit` would hide the form's method, so call the prototype's method.
    if (form) HTMLFormElement.prototype.submit.call(form);
  };

  // STS is slow, and a second click would request a second set of credentials. The buttons of other
  // roles still work, because the person may open another role in a new tab.
  const guardForms = () => {
    addEventListener("submit", (event) => {
      const { target, submitter } = event;
      if (!submitter || target.method !== "post") return;
      if (submitter.hasAttribute("aria-busy")) event.preventDefault();
      submitter.setAttribute("aria-busy", "true");
      setTimeout(() => submitter.removeAttribute("aria-busy"), 8000);
    });
    addEventListener("pageshow", () => {
      for (const button of all("button[aria-busy]")) button.removeAttribute("aria-busy");
    });
  };

  // Time

  // Times use the person's own locale if its language is the language of the page.
  const language = document.documentElement.lang || "en";
  const own = navigator.languages?.find((tag) => tag.split("-")[0] === language);
  const locale = own ?? (language === "en" ? "en-GB" : language);
  const absolute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
  const nearby = new Intl.DateTimeFormat(locale, { timeStyle: "short" });
  const relative = new Intl.RelativeTimeFormat(language);

  const distance = (milliseconds) => {
    const minutes = Math.round(milliseconds / 60000);
    if (Math.abs(minutes) < 1) return milliseconds > 0 ? texts.soon : texts.justNow;
    if (Math.abs(minutes) < 120) return relative.format(minutes, "minute");
    return relative.format(Math.round(minutes / 60), "hour");
  };

  const showTime = (time) => {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) return;
    const left = moment.getTime() - Date.now();
    if (!time.title) {
      const isNear = Math.abs(left) < 20 * 3600000;
      time.title = time.textContent;
      time.textContent = (isNear ? nearby : absolute).format(moment);
      time.after(element("span", { class: "relative" }));
    }
    time.nextElementSibling.textContent = `, ${distance(left)}`;
    const notice = one("[data-expired]");
    if (notice && time.closest("[data-expiry]")) notice.hidden = left > 0;
  };

  const showTimes = () => all("time[data-time]").forEach(showTime);

  // Copying

  let silence;
  const announce = (text) => {
    const region = one("[data-announce]");
    if (!region) return;
    region.textContent = text;
    clearTimeout(silence);
    silence = setTimeout(() => (region.textContent = ""), 3000);
  };

  const select = (node) => {
    const selection = getSelection();
    selection.removeAllRanges();
    selection.selectAllChildren(node);
  };

  // The clipboard API requires a secure context; the older method does not.
  const copy = async (text) => {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      const area = element("textarea", { class: "vh", "aria-hidden": "true", readonly: "" });
      const before = document.activeElement;
      area.value = text;
      document.body.append(area);
      area.select();
      let done = false;
      try {
        done = document.execCommand("copy");
      } catch {
        done = false;
      }
      area.remove();
      before?.focus();
      return done;
    }
  };

  const say = (button, text) => {
    const label = button.firstChild;
    button.said ??= label.textContent;
    label.textContent = text;
    announce(text);
    clearTimeout(button.timer);
    button.timer = setTimeout(() => {
      label.textContent = button.said;
    }, 3000);
  };

  // A copy button copies a link, or the text next to the button.
  const copyTexts = () => {
    for (const button of all("[data-copy]")) {
      const source = one("[data-copy-source]", button.parentElement);
      button.hidden = false;
      button.addEventListener("click", async () => {
        const text = source?.textContent ?? new URL(button.dataset.copy, location.href).href;
        const done = await copy(text);
        if (!done && source) select(source);
        say(button, done ? texts.copied : texts.notCopied);
      });
    }
  };

  // The favorite and recently used roles. Their ARNs stay in this browser until the person signs
  // out.
  const RECENT = 4;
  const list = {
    read(name) {
      try {
        const arns = JSON.parse(habit.read(name) ?? "[]");
        return [...new Set(arns)].filter((arn) => typeof arn === "string");
      } catch {
        return [];
      }
    },
    keep: (name, arns) => habit.keep(name, JSON.stringify(arns.slice(0, 50))),
  };

  const rememberUse = () => {
    addEventListener("submit", ({ target, submitter }) => {
      if (target.getAttribute("action") === "/logout") {
        for (const name of ["favourites", "recent"]) habit.forget(name);
      }
      const used = submitter?.name === "role_arn" ? submitter : one("input[name=role_arn]", target);
      if (!used) return;
      // An IAM user or root user may appear several times, with different grants. So its entry
      // includes the grant.
      const [arn] = /:role\//.test(used.value) ? used.value.split(" ") : [used.value];
      const others = list.read("recent").filter((known) => known !== arn);
      list.keep("recent", [arn, ...others].slice(0, 2 * RECENT));
    });
  };

  // Changes the URL so that a bookmark or a shared link only shows the role: the script does not
  // press a button.
  const keepShown = () => {
    if (!one("[data-show]") || location.pathname !== "/go") return;
    const url = new URL(location.href);
    url.searchParams.set("action", "show");
    history.replaceState(null, "", url);
  };

  document.documentElement.classList.add("scripted");
  keepShown();
  guardForms();
  rememberUse();
  submitNow();
  copyTexts();
  showTimes();
  setInterval(showTimes, 15000);
  addEventListener("pageshow", showTimes);

  return {
    all,
    one,
    habit,
    list,
    texts,
    element,
    announce,
    select,
    copy,
    say,
    distance,
    RECENT,
  };
})();
