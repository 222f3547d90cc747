// What Unfold, and what is scrolled, lack for those who use the keyboard or can't see.
"use strict";

// The search fields that select2 puts into the filters' lists without a name.
function nameSearchFields() {
  for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const label = field.closest(".group")?.querySelector("label");
    field.setAttribute("aria-label", label?.textContent.trim() || "Buscar");
  }
}

new MutationObserver(nameSearchFields).observe(document.documentElement, {
  childList: true,
  subtree: true,
});

document.addEventListener("DOMContentLoaded", () => {
  // Focused when it is opened, so that the next key leads into it.
  document.getElementById("changelist-filter")?.setAttribute("tabindex", "-1");
  for (const wide of document.querySelectorAll(".tc-scroll")) wide.tabIndex = 0;
});
