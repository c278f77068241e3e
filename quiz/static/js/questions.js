/* Question pages. Everything works without this file; it shows a row in place. */
(function () {
  "use strict";

  function prepareNaming(bank) {
    var naming = document.getElementById("naming");
    function chosen() {
      naming.hidden = bank.value !== "0";
      document.getElementById("name").required = !naming.hidden;
    }
    bank.addEventListener("change", chosen);
    window.addEventListener("pageshow", chosen);
    chosen();
  }

  function prepareRows(panel) {
    // Each kind has its own way to say the answer.
    function markFields() {
      var kind = panel.querySelector("#f-kind");
      if (!kind) { return; }
      var choice = kind.value === "single" || kind.value === "multiple";
      var parts = { "for-choice": choice || !kind.value, "for-truth": kind.value === "true_false",
        "for-text": kind.value === "fill" || kind.value === "short" };
      Object.keys(parts).forEach(function (name) {
        panel.querySelector("." + name).hidden = !parts[name];
      });
    }
    panel.addEventListener("change", function (event) {
      var kind = panel.querySelector("#f-kind");
      if (event.target === kind) { markFields(); }
      // A single choice has one right answer: choosing another puts the first out.
      if (event.target.name === "key" && event.target.checked && kind.value === "single") {
        panel.querySelectorAll("input[name=key]").forEach(function (box) {
          box.checked = box === event.target;
        });
      }
    });
    panel.addEventListener("click", function (event) {
      var link = event.target.closest("a.go-field");
      var field = link && document.getElementById(link.hash.slice(1));
      if (field) {
        event.preventDefault();
        field.focus();
      }
    });
    var first = document.querySelector(".rows tr.on");
    if (first && first.getBoundingClientRect().bottom > window.innerHeight - 110) {
      first.scrollIntoView({ block: "center" });
    }
    document.addEventListener("click", function (event) {
      var link = event.target.closest("a.pick");
      var row = event.target.closest(".rows tbody tr");
      if (!link && row) {
        while (row && !row.querySelector("a.pick")) { row = row.previousElementSibling; }
        link = row && !event.target.closest("a") ? row.querySelector("a.pick") : null;
      }
      if (!link || event.ctrlKey || event.metaKey || event.shiftKey) { return; }
      event.preventDefault();
      show(link.href);
    });

    function show(address) {
      fetch(address, { credentials: "same-origin" }).then(function (response) {
        if (!response.ok || response.redirected) { throw new Error("not shown"); }
        return response.text();
      }).then(function (text) {
        var page = new DOMParser().parseFromString(text, "text/html");
        panel.innerHTML = page.getElementById("row").innerHTML;
        document.querySelector(".rows").innerHTML = page.querySelector(".rows").innerHTML;
        history.replaceState(null, "", address);
        var picked = document.querySelector(".rows tr.on a.pick");
        if (picked) { picked.focus(); }
        markFields();
      }).catch(function () { location.assign(address); });
    }
  }

  var bank = document.querySelector("#upload #bank");
  var panel = document.getElementById("row");
  if (bank) { prepareNaming(bank); }
  if (panel) { prepareRows(panel); }
})();
