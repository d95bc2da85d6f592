// Everything works without this script; with it, less has to be clicked. It asks no server for
// anything, and keeps nothing but the person's habits (never a credential).
"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (selector, root = document) => root.querySelector(selector);

  // What the script says, in the page's language.
  const texts = JSON.parse(document.body.dataset.texts || "{}");

  // Storage can be forbidden, and then everything but the memory still works.
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
    // Not `form.submit()`: a field could bear that name.
    if (form) HTMLFormElement.prototype.submit.call(form);
  };

  // STS takes its time; a second click would ask for a second pair of credentials.
  const guardForms = () => {
    const busy = (form) => one("button[aria-busy]", form);
    addEventListener("submit", ({ target, submitter, defaultPrevented }) => {
      if (defaultPrevented || !submitter || target.method !== "post") return;
      submitter.setAttribute("aria-busy", "true");
      setTimeout(() => submitter.removeAttribute("aria-busy"), 8000);
    });
    addEventListener(
      "submit",
      (event) => {
        if (busy(event.target)) event.preventDefault();
      },
      true,
    );
    addEventListener("pageshow", () => {
      for (const button of all("button[aria-busy]")) button.removeAttribute("aria-busy");
    });
  };

  // Time

  // The page speaks one language; the person's own way to write times counts if it is of that one.
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

  // The portal

  const words = (text) => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);

  const readRoles = () =>
    all("[data-accounts] .account").map((section) => {
      const head = all("h2, .tag", section);
      const account = head[0].textContent;
      const roles = all(".role", section).map((role) => {
        const shown = [...head, ...all(".role-name, .provider", role)];
        const text = shown.map((part) => part.textContent).join(" ").toLocaleLowerCase();
        const nodes = shown.map((part) => part.firstChild);
        return { role, account, name: one(".role-name", role).textContent, text, nodes };
      });
      return { section, roles, number: section.dataset.number };
    });

  // People write account numbers with dashes, and know their beginning or a good part of them.
  // Two digits from the middle are more likely part of a name.
  const isOf = (number, word) => {
    const digits = word.replaceAll("-", "");
    if (!/^\d+$/.test(digits)) return false;
    return number.startsWith(digits) || (digits.length > 3 && number.includes(digits));
  };

  // Found words are marked without touching the page, where the browser can do that.
  const markFound = (roles, wanted) => {
    if (!window.Highlight || !CSS.highlights) return;
    const ranges = [];
    for (const { nodes } of wanted.length ? roles : []) {
      for (const node of nodes) {
        const text = node.data.toLocaleLowerCase();
        for (const word of wanted) {
          for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + word.length)) {
            const range = new Range();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            ranges.push(range);
          }
        }
      }
    }
    CSS.highlights.set("found", new Highlight(...ranges));
  };

  const filterRoles = () => {
    const box = one("[data-filter]");
    if (!box) return;
    const input = one("input", box);
    const count = one("[data-count]");
    const quick = one("[data-quick]");
    const accounts = readRoles();
    const total = accounts.reduce((sum, { roles }) => sum + roles.length, 0);
    let found = [];
    let chosen = -1;
    let announcement;

    // Once a pause in typing, so that a screen reader is not talked over.
    const tell = (text) => {
      clearTimeout(announcement);
      announcement = setTimeout(() => {
        count.textContent = text;
      }, 250);
    };

    const choose = (index) => {
      found[chosen]?.role.classList.remove("chosen");
      chosen = index;
      const now = found[chosen];
      if (!now) return;
      now.role.classList.add("chosen");
      now.role.scrollIntoView({ block: "nearest" });
      const name = `${now.name} ${now.account}`;
      const place = texts.chosen.replace("{number}", chosen + 1).replace("{total}", found.length);
      tell(place.replace("{role}", name));
    };

    const apply = () => {
      const wanted = words(input.value);
      choose(-1);
      found = [];
      for (const { section, roles, number } of accounts) {
        const before = found.length;
        for (const role of roles) {
          const fits = wanted.every((word) => role.text.includes(word) || isOf(number, word));
          if (role.role.hidden === fits) role.role.hidden = !fits;
          if (fits) found.push(role);
        }
        const isEmpty = found.length === before;
        if (section.hidden !== isEmpty) section.hidden = isEmpty;
      }
      one("[data-nothing]").hidden = found.length > 0;
      quick.hidden = wanted.length > 0 || !quick.hasChildNodes();
      // What is far down is marked when it comes near: there the person narrows the list first.
      markFound(found.slice(0, 60), wanted);
      tell(
        wanted.length
          ? texts.count.replace("{shown}", found.length).replace("{total}", total)
          : "",
      );
    };

    const clear = () => {
      input.value = "";
      apply();
      input.focus();
    };

    const open = (action) => {
      const { role } = found[Math.max(chosen, 0)] ?? {};
      if (role) one(`form[action="${action}"] button`, role).click();
    };

    box.hidden = false;
    input.addEventListener("input", () => {
      apply();
      // The list got shorter under a person who had scrolled down in it: show its beginning.
      const list = one("[data-accounts]");
      if (list.getBoundingClientRect().top < 0) list.scrollIntoView();
    });
    input.addEventListener("keydown", (event) => {
      const steps = { ArrowDown: 1, ArrowUp: -1 };
      if (event.isComposing) return;
      if (event.key === "Escape") clear();
      else if (event.key in steps && found.length) {
        const from = chosen < 0 && steps[event.key] < 0 ? 0 : chosen;
        choose((from + steps[event.key] + found.length) % found.length);
      } else if (event.key === "Enter" && (input.value.trim() || chosen >= 0)) {
        open(event.shiftKey ? "/credentials" : "/console");
      } else return;
      event.preventDefault();
    });
    one("[data-clear]").addEventListener("click", clear);
    // A browser may bring the page back with the words still in the box.
    addEventListener("pageshow", apply);
    shortcut(box, input);
    // On a touch screen the keyboard would hide the roles.
    if (!matchMedia("(pointer: coarse)").matches) input.focus({ preventScroll: true });
  };

  // The person's usual roles: their ARNs stay in this browser until signing out.
  const RECENT = 4;
  const list = {
    read(name) {
      try {
        const arns = JSON.parse(habit.read(name) ?? "[]");
        return Array.isArray(arns) ? arns.filter((arn) => typeof arn === "string") : [];
      } catch {
        return [];
      }
    },
    keep: (name, arns) => habit.keep(name, JSON.stringify(arns.slice(0, 50))),
  };

  const usualRoles = () => {
    const quick = one("[data-quick]");
    if (!quick) return;
    const { quick: favourites, recent, star } = quick.dataset;
    const roles = all("[data-accounts] .role");

    // A copy of the role's row, with the account's name beside its own.
    const copyOf = (role) => {
      const row = role.cloneNode(true);
      const account = one("h2", role.closest(".account")).textContent;
      one(".role-name", row).append(element("span", { class: "where" }, account));
      for (const part of all("[id]", row)) part.removeAttribute("id");
      for (const button of all("form button", row)) {
        button.removeAttribute("aria-labelledby");
        const name = `${button.textContent} ${one(".role-name", role).textContent} ${account}`;
        button.setAttribute("aria-label", name);
      }
      return row;
    };

    const section = (title, arns) => {
      const rows = arns.flatMap((arn) => roles.filter((role) => role.dataset.arn === arn));
      if (!rows.length) return [];
      const made = element("section", { class: "account" });
      const head = element("div", { class: "account-head" });
      head.append(element("h2", {}, title));
      const items = element("ul", { class: "roles" });
      items.append(...rows.map(copyOf));
      made.append(head, items);
      return [made];
    };

    const show = () => {
      const starred = list.read("favourites");
      const others = list.read("recent").filter((arn) => !starred.includes(arn));
      quick.replaceChildren(
        ...section(favourites, starred),
        ...section(recent, others.slice(0, RECENT)),
      );
      quick.hidden = !quick.hasChildNodes() || words(one("#filter")?.value ?? "").length > 0;
      for (const button of all(".star")) {
        const { arn } = button.closest(".role").dataset;
        button.setAttribute("aria-pressed", String(starred.includes(arn)));
      }
    };

    for (const role of roles) {
      const name = `${star}: ${one(".role-name", role).textContent}`;
      const button = element("button", { class: "star", type: "button", "aria-label": name });
      one(".actions", role).prepend(button);
    }
    document.addEventListener("click", ({ target }) => {
      const button = target.closest(".star");
      if (!button) return;
      const { arn } = button.closest(".role").dataset;
      const starred = list.read("favourites");
      const isStarred = starred.includes(arn);
      list.keep("favourites", isStarred ? starred.filter((a) => a !== arn) : [...starred, arn]);
      const from = quick.contains(button);
      show();
      if (from) all(".star", quick)[0]?.focus() ?? one("#filter")?.focus();
    });
    show();
  };

  const rememberUse = () => {
    addEventListener("submit", ({ target }) => {
      const action = target.getAttribute("action");
      if (action === "/logout") {
        for (const name of ["favourites", "recent"]) habit.forget(name);
      }
      const arn = one("input[name=role_arn]", target)?.value;
      if (!arn || !["/credentials", "/console"].includes(action)) return;
      const others = list.read("recent").filter((known) => known !== arn);
      list.keep("recent", [arn, ...others].slice(0, 2 * RECENT));
    });
  };

  // A key without a modifier has to be one that can be turned off (WCAG 2.1.4): some people
  // speak to their computers.
  const shortcut = (box, input) => {
    const key = one("[data-shortcut]", box);
    const isOn = () => key.getAttribute("aria-pressed") === "true";
    if (habit.read("shortcut") === "off") key.setAttribute("aria-pressed", "false");
    key.addEventListener("click", () => {
      key.setAttribute("aria-pressed", String(!isOn()));
      habit.keep("shortcut", isOn() ? "on" : "off");
    });
    addEventListener("keydown", (event) => {
      const isPlain = !event.ctrlKey && !event.metaKey && !event.altKey && !event.isComposing;
      const isTyping = event.target.closest?.("input, select, textarea");
      if (event.key === "/" && isPlain && !isTyping && isOn()) {
        event.preventDefault();
        input.focus();
        input.select();
      }
    });
  };

  const chooseDuration = () => {
    const form = one("[data-duration]");
    if (!form) return;
    const select = one("select", form);
    const apply = () => {
      for (const field of all("[data-accounts], [data-quick]").flatMap((box) =>
        all("input[name=duration_seconds]", box),
      )) {
        field.value = select.value;
      }
    };
    const usual = habit.read("duration");
    if (all("option", select).some((option) => option.value === usual)) select.value = usual;
    select.addEventListener("change", () => {
      habit.keep("duration", select.value);
      apply();
    });
    form.addEventListener("submit", (event) => event.preventDefault());
    addEventListener("pageshow", apply);
    apply();
  };

  // Copying

  const announce = (text) => {
    const region = one("[data-announce]");
    if (region) region.textContent = text;
  };

  const select = (node) => {
    const selection = getSelection();
    selection.removeAllRanges();
    selection.selectAllChildren(node);
  };

  // The clipboard needs a secure context; the older way does not.
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
      announce("");
    }, 3000);
  };

  const copyReferences = () => {
    for (const button of all("[data-copy]")) {
      const source = one("[data-copy-source]", button.parentElement);
      button.hidden = false;
      button.addEventListener("click", async () => {
        if (await copy(source.textContent)) return say(button, texts.copied);
        select(source);
        return say(button, texts.notCopied);
      });
    }
  };

  // The credentials

  const showSecrets = (body, shown) => {
    const button = one("[data-reveal]", body);
    one("[data-masked]", body).hidden = shown;
    one("[data-secret]", body).hidden = !shown;
    button.setAttribute("aria-pressed", String(shown));
  };

  const wireFormat = (body) => {
    const secret = one("[data-secret]", body);
    const failed = one("[data-failed]", body);
    // Out of its fold: the button takes the fold's place.
    const fold = secret.parentElement;
    fold.replaceWith(secret);
    one(".copy-row", body).hidden = false;
    showSecrets(body, false);
    one("[data-reveal]", body).addEventListener("click", ({ currentTarget }) => {
      showSecrets(body, currentTarget.getAttribute("aria-pressed") !== "true");
    });
    one("[data-copy-format]", body).addEventListener("click", async ({ currentTarget }) => {
      // HTML turns every line end into LF; this format's program wants CRLF.
      const plain = secret.textContent;
      const text = secret.hasAttribute("data-crlf") ? plain.replaceAll("\n", "\r\n") : plain;
      const done = await copy(text);
      failed.hidden = done;
      if (!done) {
        showSecrets(body, true);
        select(secret);
      }
      say(currentTarget, done ? texts.copied : texts.notCopied);
    });
  };

  const usualFormat = (ids) => {
    const system = navigator.userAgentData?.platform || navigator.platform || "";
    const usual = [habit.read("format"), /^win/i.test(system) ? "powershell" : "bash"];
    return Math.max(0, ids.indexOf(usual.find((id) => ids.includes(id))));
  };

  const makeTabs = () => {
    const box = one("[data-formats]");
    if (!box) return;
    const formats = all("[data-format]", box);
    const ids = formats.map((format) => format.dataset.format);
    const list = element("div", { class: "tabs", role: "tablist", "aria-labelledby": "formats" });
    const frame = element("div", {});
    const tabs = formats.map((format, index) => {
      const body = one(".format-body", format);
      const [tab, panel] = [`tab-${ids[index]}`, `panel-${ids[index]}`];
      body.id = panel;
      body.setAttribute("role", "tabpanel");
      body.setAttribute("aria-labelledby", tab);
      wireFormat(body);
      frame.append(body);
      return element(
        "button",
        { class: "tab", type: "button", role: "tab", id: tab, "aria-controls": panel },
        one("summary", format).textContent,
      );
    });

    const choose = (chosen) => {
      tabs.forEach((tab, index) => {
        const isChosen = index === chosen;
        tab.setAttribute("aria-selected", String(isChosen));
        tab.tabIndex = isChosen ? 0 : -1;
        frame.children[index].hidden = !isChosen;
        // What nobody looks at is masked again.
        if (!isChosen) showSecrets(frame.children[index], false);
      });
    };
    const steps = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };
    tabs.forEach((tab, index) => {
      const go = (to) => {
        choose(to);
        tabs[to].focus();
        habit.keep("format", ids[to]);
      };
      tab.addEventListener("click", () => go(index));
      tab.addEventListener("keydown", (event) => {
        const last = tabs.length - 1;
        const step = steps[event.key];
        let to;
        if (step) to = (index + step + tabs.length) % tabs.length;
        else if (event.key === "Home") to = 0;
        else if (event.key === "End") to = last;
        else return;
        event.preventDefault();
        go(to);
      });
    });

    list.append(...tabs);
    box.replaceChildren(list, frame);
    box.classList.add("tabbed");
    choose(usualFormat(ids));
  };

  // A browser may keep the page whole to come back to it; the secrets must not be in it.
  const forgetSecrets = () => {
    const cleared = one("[data-cleared]");
    if (!cleared) return;
    addEventListener("pagehide", () => {
      for (const code of all("[data-masked], [data-secret]")) code.textContent = "";
      one("[data-formats]").hidden = true;
      one("#formats").hidden = true;
      cleared.hidden = false;
    });
  };

  for (const button of all("[data-without-script]")) button.hidden = true;
  guardForms();
  submitNow();
  usualRoles();
  rememberUse();
  filterRoles();
  chooseDuration();
  copyReferences();
  makeTabs();
  forgetSecrets();
  showTimes();
  setInterval(showTimes, 15000);
  addEventListener("pageshow", showTimes);
})();
