// The portal: filter, keyboard, favorites, links, choices, several roles.
"use strict";
(() => {
  const { all, one, habit, list, texts, element, announce, copy, RECENT } = rolecall;

  const words = (text) => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);

  const readRoles = () =>
    all("[data-accounts] .account").map((section) => {
      const head = all("h2, .tag", section);
      const account = head[0].textContent;
      const roles = all(".role", section).map((role) => {
        const shown = [...head, ...all(".role-name, .provider", role)];
        const text = shown.map((part) => part.textContent).join(" ").toLocaleLowerCase();
        const nodes = shown.map((part) => part.firstChild);
        const { arn } = role.dataset;
        return { role, account, name: one(".role-name", role).textContent, text, nodes, arn };
      });
      return { section, roles, number: section.dataset.number };
    });

  // People type account numbers with dashes, or only parts of them. Fewer than four digits match
  // only the start of a number, because they are more likely meant as part of a name.
  const isOf = (number, word) => {
    const digits = word.replaceAll("-", "");
    if (!/^\d+$/.test(digits)) return false;
    return number.startsWith(digits) || (digits.length > 3 && number.includes(digits));
  };

  // Highlights matches without changing the page's elements, in browsers that support this.
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

    // Waits for a pause in typing, so as not to interrupt a screen reader.
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
      tell(place.replace("{role}", () => name));
    };

    const apply = () => {
      const wanted = words(input.value);
      choose(-1);
      found = [];
      for (const { section, roles, number } of accounts) {
        const before = found.length;
        for (const role of roles) {
          const isArn = (word) => /[:/]/.test(word) && role.arn.toLowerCase().includes(word);
          const fits = wanted.every(
            (word) => role.text.includes(word) || isOf(number, word) || isArn(word),
          );
          if (role.role.hidden === fits) role.role.hidden = !fits;
          if (fits) found.push(role);
        }
        const isEmpty = found.length === before;
        if (section.hidden !== isEmpty) section.hidden = isEmpty;
      }
      one("[data-nothing]").hidden = found.length > 0;
      one("[data-several]").classList.toggle("idle", !found.length);
      quick.hidden = wanted.length > 0 || !quick.hasChildNodes();
      // Only the first 60 matches are highlighted: people narrow the list before they look further
      // down.
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
      // If the role has no console button, press the first button that it has.
      if (role) (one(`[formaction="${action}"]`, role) ?? one("[formaction]", role))?.click();
    };

    input.addEventListener("input", () => {
      apply();
      // If the page is scrolled down, show the beginning of the list, which may be shorter now.
      const first = one("[data-accounts]");
      if (first.getBoundingClientRect().top < 0) first.scrollIntoView();
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
    // A browser may restore the page with the words still in the filter.
    addEventListener("pageshow", apply);
    shortcut(box, input);
    // On a touch screen, the filter gets no focus, because the keyboard would hide the roles.
    if (!matchMedia("(pointer: coarse)").matches) input.focus({ preventScroll: true });
  };

  const usualRoles = () => {
    const quick = one("[data-quick]");
    if (!quick) return;
    const { quick: favourites, recent } = quick.dataset;
    const roles = all("[data-accounts] .role");

    // A copy of the role's row, with the account's name next to the role's.
    const copyOf = (role) => {
      const row = role.cloneNode(true);
      one(".pick", row).remove();
      const account = one("h2", role.closest(".account")).textContent;
      const name = `${one(".role-name", role).textContent} ${account}`;
      const where = element("span", { class: "where" }, `${account} `);
      where.append(one(".env", role.closest(".account"))?.cloneNode(true) ?? "");
      one(".role-name", row).append(where);
      for (const part of all("[id]", row)) part.removeAttribute("id");
      for (const button of all("[formaction]", row)) {
        button.removeAttribute("aria-labelledby");
        button.setAttribute("aria-label", `${button.textContent} ${name}`);
      }
      for (const input of all("input", row)) {
        input.name += "-quick";
        input.removeAttribute("aria-describedby");
        input.setAttribute("aria-label", `${input.parentElement.textContent.trim()} ${name}`);
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

    const tools = one("[data-tools]").content;
    for (const role of roles) {
      const account = one("h2", role.closest(".account")).textContent;
      const name = `${one(".role-name", role).textContent} ${account}`;
      const made = tools.cloneNode(true);
      for (const button of made.children) button.ariaLabel += `: ${name}`;
      one(".actions", role).prepend(made);
    }
    // The same role may appear in two rows, which must have their switches in the same position.
    quick.closest("form").addEventListener("change", ({ target }) => {
      if (!target.closest(".switch")) return;
      for (const input of all(".switch input")) {
        if (input.value === target.value) input.checked = target.checked;
      }
    });
    document.addEventListener("click", async ({ target }) => {
      const button = target.closest(".tool");
      if (!button) return;
      if (button.matches(".link")) {
        const done = await copy(one(".role-name", button.closest(".role")).href);
        button.classList.toggle("done", done);
        announce(done ? texts.copied : texts.notCopied);
        setTimeout(() => button.classList.remove("done"), 3000);
        return;
      }
      const { arn } = button.closest(".role").dataset;
      const starred = list.read("favourites");
      const isStarred = starred.includes(arn);
      list.keep("favourites", isStarred ? starred.filter((a) => a !== arn) : [...starred, arn]);
      const from = quick.contains(button);
      const before = button.getBoundingClientRect().top;
      show();
      // The list of favorites became longer or shorter. Scroll so that the button stays under the
      // pointer.
      if (!from) scrollBy(0, button.getBoundingClientRect().top - before);
      if (from) all(".star", quick)[0]?.focus() ?? one("#filter")?.focus();
    });
    show();
  };

  // People can turn off the shortcut, because it has no modifier key (WCAG 2.1.4): speech input
  // could trigger it by accident.
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

  // Adds the current choices to the links to roles.
  const showInLinks = () => {
    const selects = all("[data-choices] select");
    for (const link of all("a.role-name, [data-copy]")) {
      const url = new URL(link.dataset.copy ?? link.href, location.href);
      for (const { name, value, selectedOptions } of selects) {
        const isUsual = name === "duration_seconds" && selectedOptions[0].defaultSelected;
        const isFixed = name === "policy" && "fixed" in link.dataset;
        if (value && !isUsual && !isFixed) url.searchParams.set(name, value);
        else url.searchParams.delete(name);
      }
      const row = link.closest(".role, .only");
      const [policy] = one(".switch :checked", row)?.value.split(" ") ?? [];
      if (policy) url.searchParams.set("policy", policy);
      else if (!selects.some(({ name }) => name === "policy")) url.searchParams.delete("policy");
      const path = url.pathname + url.search;
      if (link.href) link.href = path;
      else link.dataset.copy = path;
    }
  };

  const rememberChoices = () => {
    const asked = new URLSearchParams(location.search);
    for (const select of all("[data-choices] select")) {
      const usual = asked.has(select.name) ? null : habit.read(select.name);
      if (all("option", select).some((option) => option.value === usual)) select.value = usual;
      select.addEventListener("change", () => {
        habit.keep(select.name, select.value);
        showInLinks();
      });
    }
    showInLinks();
    addEventListener("change", ({ target }) => target.closest(".switch") && showInLinks());
    addEventListener("pageshow", showInLinks);
  };

  // Pressing Enter in a checkbox would submit the form.
  addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("#roles input")) event.preventDefault();
  });

  // The bar shows its button only when at least one role is picked.
  const pickRoles = () => {
    const bar = one("[data-several]");
    if (!bar) return;
    const picked = one("[data-picked]", bar);
    const none = one("[data-pick-none]", bar);
    const lede = picked.textContent;
    const chosen = () => all("[data-accounts] .pick:checked");
    const nameOf = (pick) => {
      const account = one("h2", pick.closest(".account")).textContent;
      return `${one(".role-name", pick.parentElement).textContent} (${account})`;
    };
    const show = () => {
      const picks = chosen();
      const isTooMany = picks.length > bar.dataset.several;
      const text = isTooMany ? texts.pickedTooMany : texts.picked;
      picked.classList.toggle("failed", isTooMany);
      picked.textContent = picks.length ? text.replace("{number}", picks.length) : lede;
      // The bar lists the picked roles, because the filter may hide their rows.
      one("[data-names]", bar).textContent = picks.map(nameOf).join(", ");
      bar.classList.toggle("picked", picks.length > 0);
      none.hidden = !picks.length;
      const get = one("[formaction]", bar);
      get.hidden = !picks.length;
      get.disabled = isTooMany;
    };
    addEventListener("change", ({ target }) => target.matches(".pick") && show());
    none.addEventListener("click", () => {
      const [first] = chosen();
      for (const pick of chosen()) pick.checked = false;
      show();
      first?.focus();
    });
    addEventListener("pageshow", show);
    show();
  };

  usualRoles();
  pickRoles();
  filterRoles();
  rememberChoices();
})();
