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
      if (window.FormData && window.XMLHttpRequest) {
        event.preventDefault();
        send(form);
      }
    });
    // The form travels by hand so that the way can be shown; where it ends up is opened as usual.
    function send(form) {
      var progress = document.getElementById("progress");
      var words = progress.querySelector("span");
      var bar = progress.querySelector("i");
      var request = new XMLHttpRequest();
      request.open("POST", form.action || location.href);
      request.upload.onprogress = function (event) {
        if (!event.lengthComputable) { return; }
        var part = Math.round(100 * event.loaded / event.total);
        bar.style.width = part + "%";
        words.textContent = part < 100 ? "已上传 " + part + "%" : "正在读取…";
      };
      request.upload.onload = function () {
        bar.style.width = "100%";
        words.textContent = "正在读取…";
      };
      request.onload = function () {
        var page = new DOMParser().parseFromString(request.responseText, "text/html");
        var said = page.querySelector("#refusal span");
        if (request.status < 300 && !said) {
          location.assign(request.responseURL);
          return;
        }
        ready();
        refuse(said && said.textContent || "没有传上去，请刷新后再试。");
        refusal.scrollIntoView();
      };
      request.onerror = function () {
        ready();
        refuse("网络断了，没有传上去。请再试一次。");
      };
      words.textContent = "正在上传…";
      bar.style.width = "0";
      progress.hidden = false;
      request.send(new FormData(form));
    }
    function ready() {
      document.getElementById("progress").hidden = true;
      go.removeAttribute("aria-busy");
      go.disabled = false;
      go.textContent = words;
    }
    // Coming back with the browser's own button must not find the button still busy.
    window.addEventListener("pageshow", function () {
      ready();
      chosen();
    });
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

  var form = document.getElementById("upload");
  var panel = document.getElementById("row");
  if (form) { prepareUpload(form); }
  if (panel) { prepareRows(panel); }
})();
