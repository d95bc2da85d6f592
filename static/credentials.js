// The credentials page: tabs, copying, and masked secrets that are erased when the person leaves.
"use strict";
(() => {
  const { all, one, habit, texts, element, announce, select, copy, say, distance } = rolecall;

  const showSecrets = (body, shown) => {
    const button = one("[data-reveal]", body);
    one("[data-masked]", body).hidden = shown;
    one("[data-secret]", body).hidden = !shown;
    button.setAttribute("aria-expanded", String(shown));
    button.firstChild.textContent = shown ? button.dataset.hide : button.dataset.reveal;
  };

  const wireFormat = (body) => {
    const secret = one("[data-secret]", body);
    const failed = one("[data-failed]", body);
    // Takes the secret out of its `details` element, which the reveal button replaces.
    const fold = secret.parentElement;
    fold.replaceWith(secret);
    one(".copy-row", body).hidden = false;
    showSecrets(body, false);
    one("[data-reveal]", body).addEventListener("click", ({ currentTarget }) => {
      showSecrets(body, currentTarget.getAttribute("aria-expanded") !== "true");
    });
    one("[data-save]", body)?.addEventListener("click", ({ currentTarget }) => {
      save(currentTarget.dataset.save, textOf(secret));
    });
    one("[data-copy-format]", body).addEventListener("click", async ({ currentTarget }) => {
      const text = textOf(secret);
      const done = await copy(text);
      failed.hidden = done;
      if (!done) {
        showSecrets(body, true);
        select(secret);
      }
      say(currentTarget, done ? texts.copied : texts.notCopied);
    });
  };

  const textOf = (secret) =>
    // HTML turns every line ending into LF; the program that reads this format requires CRLF.
    secret.hasAttribute("data-crlf")
      ? secret.textContent.replaceAll("\n", "\r\n")
      : secret.textContent;

  // The browser creates the file; the server never sees the credentials again.
  const save = (name, text) => {
    const href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    const link = element("a", { href, download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(href), 1000);
  };

  const nameProfile = () => {
    const input = one("[data-profile]");
    if (!input) return;
    input.closest("p").hidden = false;
    let shown = input.dataset.profile;
    input.addEventListener("input", () => {
      // While the field contains an invalid name, the text still contains the last valid one. So
      // the text cannot be copied or saved.
      const isName = input.value !== "" && input.checkValidity();
      const body = input.closest(".format-body");
      input.setAttribute("aria-invalid", String(!isName));
      one("[data-wrong]", body).hidden = isName;
      for (const button of all("[data-copy-format], [data-save]", body)) button.disabled = !isName;
      if (!isName) return;
      for (const code of all("code", body)) {
        code.textContent = code.textContent.replace(`[${shown}]`, `[${input.value}]`);
      }
      shown = input.value;
    });
  };

  // Announces the expiry ten, five and one minute in advance and again when it happens, instead of
  // every minute.
  const announceEnd = () => {
    const time = one("[data-expiry] time");
    const end = new Date(time?.dateTime ?? "").getTime();
    if (Number.isNaN(end)) return;
    const minute = 60000;
    for (const left of [10, 5, 1, 0]) {
      const wait = end - left * minute - Date.now();
      // Browsers limit timers to about 24 days.
      if (wait < 0 || wait > 2 ** 31 - 1) continue;
      setTimeout(() => {
        announce(left ? texts.expires.replace("{in}", distance(left * minute)) : texts.expired);
        if (!left) one("[data-expired]").hidden = false;
      }, wait);
    }
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
        // Mask the secrets in hidden tabs again.
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

  // A browser may keep the whole page in memory for the back button, so the secrets are removed
  // from the page.
  const forgetSecrets = () => {
    const cleared = one("[data-cleared]");
    if (!cleared) return;
    addEventListener("pagehide", () => {
      for (const code of all("[data-masked], [data-secret]")) code.textContent = "";
      for (const part of all("[data-formats], #formats")) part.hidden = true;
      cleared.hidden = false;
    });
  };

  // If a person goes back to the response to a POST, the browser asks whether to send the form
  // again. So the page gets the URL of its link, which leads to a page that can get credentials for
  // the same role again.
  const link = one("[data-copy]")?.dataset.copy;
  if (link) history.replaceState(null, "", link);
  nameProfile();
  makeTabs();
  forgetSecrets();
  announceEnd();
})();
