/* Question pages. Everything works without this file; it checks a file before it travels and shows a row in place. */
(function () {
  "use strict";

  function prepareUpload(form) {
    var file = document.getElementById("file");
    var drop = document.getElementById("drop");
    var bank = document.getElementById("bank");
    var naming = document.getElementById("naming");
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
      refuse(tooLarge() ? "文件超过 20 MB，不能上传。请去掉图片或分成几个文件再传。" : "");
    }
    function chosen() {
      naming.hidden = bank.value !== "0";
      document.getElementById("name").required = !naming.hidden;
    }

    file.addEventListener("change", looked);
    bank.addEventListener("change", chosen);
    chosen();
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
      chosen();
    });
  }

  function prepareRows(panel) {
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
      }).catch(function () { location.assign(address); });
    }
  }

  var form = document.getElementById("upload");
  var panel = document.getElementById("row");
  if (form) { prepareUpload(form); }
  if (panel) { prepareRows(panel); }
})();
