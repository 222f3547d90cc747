// Names the search fields that select2 puts into the filters' lists without one.
"use strict";

new MutationObserver(() => {
  for (const field of document.querySelectorAll(".select2-search__field:not([aria-label])")) {
    const label = field.closest(".group")?.querySelector("label");
    field.setAttribute("aria-label", label?.textContent.trim() || "Buscar");
  }
}).observe(document.documentElement, { childList: true, subtree: true });
