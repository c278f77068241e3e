/* Sending a file. Works without this script; with it the file is checked before it travels, and a page that has
   room for it (#progress) shows how far it has come. */
(function () {
  "use strict";
  var form = document.getElementById("upload");
  if (!form) { return; }
  var file = document.getElementById("file");
  var drop = document.getElementById("drop");
  var refusal = document.getElementById("refusal");
  var progress = document.getElementById("progress");
  var go = document.getElementById("go");
  var idle = go.textContent;

  function refuse(message) {
    refusal.querySelector("span").textContent = message;
    refusal.hidden = !message;
  }
  function tooLarge() {
    return file.files.length > 0 && file.files[0].size > Number(form.dataset.most) - 65536;
  }
  function looked() {
    refuse(tooLarge() ? form.dataset.tooLarge : "");
  }
  function busy() {
    go.setAttribute("aria-busy", "true");
    go.disabled = true;
    go.textContent = go.dataset.busy;
  }
  function ready() {
    if (progress) { progress.hidden = true; }
    go.removeAttribute("aria-busy");
    go.disabled = false;
    go.textContent = idle;
  }

  // The form travels by hand so that the way can be shown; where it ends up is opened as usual.
  function send() {
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
    busy();
    if (progress && window.FormData && window.XMLHttpRequest) {
      event.preventDefault();
      send();
    }
  });
  // Coming back with the browser's own button must not find the button still busy.
  window.addEventListener("pageshow", ready);
})();
