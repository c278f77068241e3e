/* Roster pages. Everything works without this file; it checks a file before it travels and counts along. */
(function () {
  "use strict";

  function prepareUpload(form) {
    var file = document.getElementById("file");
    var drop = document.getElementById("drop");
    var refusal = document.getElementById("refusal");
    var go = document.getElementById("go");
    var words = go.textContent;

    function refuse(message) {
      refusal.querySelector("span").textContent = message;
      refusal.hidden = !message;
    }
    function tooLarge() {
      return file.files.length > 0 && file.files[0].size > Number(form.dataset.most) - 65536;
    }
    function looked() {
      refuse(tooLarge() ? "文件超过 20 MB，不能上传。请分成几个文件再传。" : "");
    }

    file.addEventListener("change", looked);
    ["dragenter", "dragover"].forEach(function (name) {
      drop.addEventListener(name, function (event) {
        event.preventDefault();
        drop.classList.add("over");
      });
    });
    ["dragleave", "drop"].forEach(function (name) {
      drop.addEventListener(name, function () { drop.classList.remove("over"); });
    });
    drop.addEventListener("drop", function (event) {
      event.preventDefault();
      if (event.dataTransfer.files.length === 1) {
        file.files = event.dataTransfer.files;
        looked();
      } else {
        refuse("一次只能传一个文件。");
      }
    });
    form.addEventListener("submit", function (event) {
      if (tooLarge()) {
        event.preventDefault();
        looked();
        return;
      }
      go.setAttribute("aria-busy", "true");
      go.disabled = true;
      go.textContent = go.dataset.busy;
    });
    // Coming back with the browser's own button must not find the button still busy.
    window.addEventListener("pageshow", function () {
      go.removeAttribute("aria-busy");
      go.disabled = false;
      go.textContent = words;
    });
  }

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

  var upload = document.getElementById("upload");
  var confirm = document.getElementById("confirm");
  if (upload) { prepareUpload(upload); }
  if (confirm) { prepareConfirm(confirm); }
})();
