/* Making an exam: a preset fills in its usual figures, and what the bank lacks is said before sending. */
(function () {
  "use strict";
  var form = document.getElementById("make");
  if (!form) return;
  if (!form.getAttribute("data-have")) { settings(); return; }
  var have = JSON.parse(form.getAttribute("data-have"));
  var names = { single: "单选题", multiple: "多选题", true_false: "判断题", fill: "填空题" };
  var need = document.getElementById("need");
  var bank = form.querySelector("[name=bank]");
  var everybody = document.getElementById("everybody");

  function chosen() { return form.querySelector("[name=preset]:checked"); }

  function compare() {
    var card = chosen();
    if (!card) return;
    var needs = JSON.parse(card.getAttribute("data-needs"));
    var stock = have[bank.value] || {};
    var lacking = [], enough = [];
    Object.keys(names).forEach(function (kind) {
      if (!needs[kind]) return;
      var there = stock[kind] || 0;
      if (there < needs[kind]) lacking.push(names[kind] + "需要 " + needs[kind] + " 道，题库只有 " + there + " 道");
      else enough.push(names[kind] + " " + needs[kind] + " / " + there);
    });
    need.className = lacking.length ? "need short" : "need";
    need.textContent = lacking.length
      ? "题量不够：" + lacking.join("；") + "。请换一种试卷，或先到题库补题。"
      : "题量够用，需要 / 题库：" + enough.join("，") + "。";
  }

  function fill() {
    var card = chosen();
    form.minutes.value = card.getAttribute("data-minutes");
    form.pass_mark.value = card.getAttribute("data-pass");
    form.excellent_mark.value = card.getAttribute("data-excellent");
    form.chances.value = card.getAttribute("data-chances");
    form.counts.value = card.getAttribute("data-counts");
    compare();
  }

  /* An exam that is there: only the list of units folds. */
  function settings() {
    var everybody = document.getElementById("everybody");
    if (everybody) everybody.addEventListener("change", function () {
      document.getElementById("units").hidden = everybody.checked;
    });
  }

  form.addEventListener("change", function (event) {
    if (event.target.name === "preset") fill();
    else if (event.target === bank) compare();
    else if (event.target === everybody) document.getElementById("units").hidden = everybody.checked;
  });
  form.addEventListener("submit", function () {
    var button = document.getElementById("go");
    button.setAttribute("aria-busy", "true");
    button.textContent = "正在建…";
  });
  compare();
})();
