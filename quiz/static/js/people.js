/* Roster pages. Everything works without this file; it counts along with the choices. */
(function () {
  "use strict";

  function prepareConfirm(form) {
    var create = document.getElementById("create");
    var go = document.getElementById("go");
    var without = document.getElementById("without");
    var units = form.querySelectorAll("li[data-persons]");
    if (!units.length || !go) { return; }

    function left() {
      return Array.prototype.reduce.call(units, function (sum, unit) {
        var choice = unit.querySelector("select");
        var taken = choice ? choice.value : create.checked;
        return taken ? sum : sum + Number(unit.dataset.persons);
      }, 0);
    }
    function counted() {
      var all = Number(go.dataset.persons);
      go.textContent = "导入 " + (all - left()) + " 人";
      go.disabled = all === left();
      without.textContent = left() ? "其中 " + left() + " 人的单位还没有定，先不导入。" : "";
      without.hidden = !left();
    }
    form.addEventListener("change", counted);
    window.addEventListener("pageshow", counted);
    counted();
  }

  var confirm = document.getElementById("confirm");
  if (confirm) { prepareConfirm(confirm); }
})();
