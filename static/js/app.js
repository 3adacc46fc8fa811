// What makes pages quick. Everything here also works without it.
"use strict";
(() => {
  const root = document.documentElement;
  root.classList.add("js");
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const typing = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), select, textarea, [contenteditable]");

  // --- dialogs ---------------------------------------------------------------------------------
  function open(id) {
    const dialog = document.getElementById(id);
    if (!dialog || !dialog.showModal) return false;
    if (!dialog.open) dialog.showModal();
    return true;
  }

  let asked = null; // the eye that was pressed last
  function ask(eye) {
    const dialog = document.getElementById("reveal");
    if (!dialog || !dialog.showModal) return false;
    asked = eye;
    const form = one("form", dialog);
    form.reset();
    form.action = eye.href;
    one("[data-reveal-label]", form).textContent = eye.dataset.label || "完整内容";
    one("[data-reveal-error]", form).hidden = true;
    dialog.showModal();
    one("select", form).focus();
    return true;
  }

  async function reveal(form) {
    const eye = asked;
    const button = one("button:not([type=button])", form);
    button.setAttribute("aria-busy", "true");
    let text = "没有查到：网络断开，请再试一次。";
    let granted = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { "X-Requested-With": "fetch", "HX-Request": "true", Accept: "text/plain" },
      });
      granted = answer.ok;
      const plain = (answer.headers.get("Content-Type") || "").startsWith("text/plain");
      text = plain ? await answer.text() : "没有权限查看，或者系统出错了。";
      granted = granted && plain;
    } catch { /* the sentence above says it */ }
    button.removeAttribute("aria-busy");
    const error = one("[data-reveal-error]", form);
    if (!granted) {
      error.textContent = text;
      error.hidden = false;
      return;
    }
    form.closest("dialog").close();
    const mask = eye && one(".mask", eye.parentElement);
    if (!mask) return;
    const before = mask.innerHTML;
    mask.textContent = text;
    mask.classList.add("is-open");
    mask.setAttribute("role", "status");
    eye.hidden = true;
    setTimeout(() => {
      mask.innerHTML = before;
      mask.classList.remove("is-open");
      eye.hidden = false;
    }, 60000);
  }

  // --- the menu on a phone -----------------------------------------------------------------------
  function menu(show) {
    const side = document.getElementById("menu");
    if (!side) return;
    side.classList.toggle("is-open", show);
    const rest = one(".app-main");
    if (rest) rest.inert = show;
    document.body.classList.toggle("no-scroll", show);
    const opener = one("[data-menu]");
    if (opener) opener.setAttribute("aria-expanded", String(show));
    if (show) one("a[aria-current], .nav a", side)?.focus({ preventScroll: false });
    else opener?.focus();
  }

  document.addEventListener("click", (event) => {
    const target = event.target.closest("a, button, summary, [data-opens]");
    // A click anywhere else closes a menu of the top bar.
    all("details.drop-menu[open]").forEach((box) => { if (!box.contains(event.target)) box.open = false; });
    if (event.target instanceof HTMLDialogElement && event.target.open) {
      const box = event.target.getBoundingClientRect();
      const inside = event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && !one("form", event.target)) event.target.close();
      return;
    }
    if (!target) return;
    if (target.getAttribute("aria-disabled") === "true") event.preventDefault();
    else if (target.matches("[data-menu]")) { event.preventDefault(); menu(true); }
    else if (target.matches("[data-menu-close]")) { event.preventDefault(); menu(false); }
    else if (target.matches("[data-reveal]")) { if (ask(target)) event.preventDefault(); }
    else if (target.matches("[data-opens]")) { if (open(target.dataset.opens)) event.preventDefault(); }
    else if (target.matches("[data-closes]")) {
      const dialog = target.closest("dialog[open]");
      if (dialog) { event.preventDefault(); dialog.close(); }
    }
    else if (target.matches("[data-dismiss]")) target.closest("[data-toast], .alert")?.remove();
    else if (target.matches("[data-print]")) window.print();
    else if (target.matches("[data-copy]")) {
      navigator.clipboard?.writeText(target.dataset.copy).then(() => { target.textContent = "已复制"; });
    }
  });

  // --- numbers ------------------------------------------------------------------------------------
  // An identity number is looked up by POST: addresses stay in histories and in logs.
  const WHOLE = /^\s*[GJL]?(\d{15}|\d{17}[\dX])\s*$/i;
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const field = form.dataset.find ? one("input[type=search]", form) : null;
    if (!field || !WHOLE.test(field.value)) return;
    event.preventDefault();
    event.stopPropagation();
    const ask = Object.assign(document.createElement("form"), { method: "post", action: form.dataset.find, hidden: true });
    const token = JSON.parse(document.body.getAttribute("hx-headers") || "{}")["X-CSRFToken"];
    for (const [name, value] of [["csrfmiddlewaretoken", token], ["number", field.value.trim()]]) {
      ask.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    field.value = "";
    document.body.append(ask);
    ask.submit();
  }, true);
  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = event.detail.elt;
    const field = form.dataset?.find ? one("input[type=search]", form) : null;
    if (field && /^\s*[GJL]?\d{13}/i.test(field.value)) event.preventDefault();
  });

  // --- forms ---------------------------------------------------------------------------------------
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-reveal-form]") && form.closest("dialog[open]")) {
      event.preventDefault();
      reveal(form);
      return;
    }
    if (form.method === "get") {
      // An address keeps only what was chosen.
      const empty = [...form.elements].filter((field) => field.name && field.value === "" && !field.disabled);
      empty.forEach((field) => { field.disabled = true; });
      setTimeout(() => empty.forEach((field) => { field.disabled = false; }));
      return;
    }
    if (form.dataset.again !== undefined) {
      // A download leaves the page as it is; what asked for it goes.
      form.closest("dialog[open]")?.close();
      return;
    }
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.setAttribute("aria-busy", "true");
    const button = event.submitter;
    if (!button) return;
    // The button's own value must still travel, so it is not disabled.
    button.setAttribute("aria-busy", "true");
    button.classList.add("is-busy");
    if (button.dataset.busy) { button.dataset.was = button.textContent; button.textContent = button.dataset.busy; }
  });
  function release(form) {
    delete form.dataset.sent;
    form.removeAttribute("aria-busy");
    all(".is-busy[aria-busy]", form).forEach((button) => {
      button.classList.remove("is-busy");
      button.removeAttribute("aria-busy");
      if (button.dataset.was) button.textContent = button.dataset.was;
    });
  }
  document.addEventListener("htmx:configRequest", (event) => {
    const { verb, parameters } = event.detail;
    if (verb === "get") Object.keys(parameters).forEach((key) => { if (parameters[key] === "") delete parameters[key]; });
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach(release));
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.target.closest?.("form");
    if (form) release(form);
  });
  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form?.dataset.auto !== undefined && !form.hasAttribute("hx-get")) form.requestSubmit();
  });

  // --- files ---------------------------------------------------------------------------------------
  for (const kind of ["dragenter", "dragover", "dragleave", "drop"]) {
    document.addEventListener(kind, (event) => {
      const zone = event.target.closest?.("[data-drop]");
      if (zone) zone.classList.toggle("is-over", kind === "dragenter" || kind === "dragover");
    });
  }
  document.addEventListener("change", (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone || event.target.type !== "file") return;
    const files = [...event.target.files];
    const name = one("[data-drop-name]", zone);
    name.dataset.was ??= name.textContent;
    name.textContent = files.length ? files.map((file) => file.name).join("、") : name.dataset.was;
    zone.classList.toggle("has-file", files.length > 0);
  });

  // --- selection over a table ------------------------------------------------------------------------
  function count(form) {
    const bar = one("[data-batch-bar]", form);
    if (!bar) return;
    const boxes = all("td.pick input", form);
    const whole = one("[data-all]", bar);
    const picked = boxes.filter((box) => box.checked).length;
    const everything = Boolean(whole?.checked);
    boxes.forEach((box) => box.closest("tr").classList.toggle("is-selected", box.checked || everything));
    const head = one("[data-pick-page]", form);
    if (head) {
      head.checked = picked > 0 && picked === boxes.length;
      head.indeterminate = picked > 0 && picked < boxes.length;
    }
    const label = one("[data-count]", bar);
    label.textContent = `已选${everything ? Number(whole.dataset.all).toLocaleString("en") : picked}${label.dataset.unit}`;
    bar.classList.toggle("is-on", everything || picked > 0);
  }
  document.addEventListener("change", (event) => {
    const form = event.target.closest?.("form[data-batch]");
    if (!form) return;
    if (event.target.matches("[data-pick-page]")) {
      all("td.pick input", form).forEach((box) => { box.checked = event.target.checked; });
    } else if (event.target.matches("td.pick input")) {
      const whole = one("[data-all]", form);
      if (whole) whole.checked = false;
    }
    count(form);
  });
  document.addEventListener("reset", (event) => {
    if (event.target.matches("form[data-batch]")) setTimeout(() => count(event.target));
  });

  // --- keyboard -----------------------------------------------------------------------------------
  function move(step) {
    const table = one("main table[data-rows]");
    if (!table) return;
    const rows = all("tbody > tr", table).filter((row) => row.offsetParent !== null);
    if (!rows.length) return;
    const at = rows.findIndex((row) => row.classList.contains("is-current"));
    const next = rows[Math.min(Math.max(at + step, 0), rows.length - 1)];
    rows[at]?.classList.remove("is-current");
    next.classList.add("is-current");
    next.scrollIntoView({ block: "nearest" });
    one("a", next)?.focus({ preventScroll: true });
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      const box = one("details.drop-menu[open]");
      if (box) { box.open = false; one("summary", box).focus(); }
      if (one(".sidebar.is-open")) menu(false);
      if (event.target.matches?.("[data-search], [data-search-all]")) event.target.blur();
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || typing(event.target) || one("dialog[open]")) return;
    const row = one("main table[data-rows] tr.is-current");
    if (event.key === "/") {
      const box = all("[data-search], [data-search-all]").find((field) => field.offsetParent !== null);
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "x" && row) {
      const box = one("td.pick input", row);
      if (box) { box.checked = !box.checked; box.dispatchEvent(new Event("change", { bubbles: true })); }
    } else if (event.key === "Enter" && row && !event.target.closest("a, button, summary, input")) one("a", row)?.click();
  });

  // --- whatever has just arrived, with the page or by htmx ---------------------------------------------
  function settle(part) {
    all("form[data-batch]", part).forEach(count);
    all("dialog[data-open]", part).forEach((dialog) => { if (!dialog.open) dialog.showModal(); });
    all("[data-toast]:not(.bad):not([data-stays])", part).forEach((toast) => {
      let left = setTimeout(() => toast.remove(), 8000);
      toast.addEventListener("pointerenter", () => clearTimeout(left));
      toast.addEventListener("focusin", () => clearTimeout(left));
      toast.addEventListener("pointerleave", () => { left = setTimeout(() => toast.remove(), 3000); });
    });
  }
  settle(document);
  one("[data-focus]")?.focus();
  document.addEventListener("htmx:afterSwap", (event) => settle(event.detail.elt?.parentElement || document));
  document.addEventListener("htmx:sendError", () => {
    const box = document.getElementById("toasts");
    if (!box) return;
    const toast = document.createElement("div");
    toast.className = "toast bad";
    toast.setAttribute("role", "alert");
    toast.textContent = "网络断开，没有完成。请检查网络后再试一次。";
    box.replaceChildren(toast);
    setTimeout(() => toast.remove(), 8000);
  });
})();
