/* Writing questions: the fields of the chosen kind, more options, the phone beside the form; and choosing many. */
(function () {
  'use strict';
  var LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ';

  function all(selector, place) {
    return Array.prototype.slice.call((place || document).querySelectorAll(selector));
  }

  function prepareForm(form) {
    var kind = form.elements.kind;
    var list = document.getElementById('options');
    var more = document.getElementById('more');
    var frame = document.getElementById('phone');
    var saved = false;
    var changed = false;

    function texts() {
      var found = all('input[name=option]', list).map(function (input) { return input.value.trim(); });
      while (found.length && !found[found.length - 1]) { found.pop(); }
      return found;
    }
    function blanks() {
      var lines = form.elements.texts.value.trim();
      return lines ? lines.split('\n').length : 1;
    }
    function show() {
      var preview = frame.contentWindow && frame.contentWindow.Mingshi && frame.contentWindow.Mingshi.preview;
      if (!preview) { return; }
      preview({
        position: 1,
        kind: kind.value,
        stem: form.elements.stem.value.trim() || '题干写好后在这里显示。',
        points: form.elements.points.value.trim(),
        blanks: blanks(),
        options: texts().map(function (text, place) { return { label: LETTERS[place], text: text }; })
      });
    }
    function chosen() {
      form.dataset.kind = kind.value;
      all('input[name=key]', list).forEach(function (input) {
        input.type = kind.value === 'multiple' ? 'checkbox' : 'radio';
      });
    }

    kind.addEventListener('change', chosen);
    form.addEventListener('input', function () { changed = true; show(); });
    form.addEventListener('change', show);
    frame.addEventListener('load', show);
    more.hidden = false;
    more.addEventListener('click', function () {
      var rows = all('li', list);
      var made = rows[rows.length - 1].cloneNode(true);
      var label = LETTERS[rows.length];
      made.classList.remove('bad');
      all('.er-t', made).forEach(function (told) { told.remove(); });
      all('input', made).forEach(function (input) {
        input.checked = false;
        if (input.name === 'key') { input.value = label; } else { input.value = ''; }
        input.setAttribute('aria-label', input.name === 'key' ? '选项 ' + label + ' 是正确答案' : '选项 ' + label);
      });
      made.querySelector('i').textContent = label;
      list.append(made);
      all('input[name=option]', made)[0].focus();
      more.hidden = rows.length + 1 >= LETTERS.length;
    });
    form.addEventListener('submit', function () { saved = true; });
    window.addEventListener('beforeunload', function (event) {
      if (changed && !saved) { event.preventDefault(); event.returnValue = ''; }
    });
    chosen();
    show();
  }

  function prepareChoice(bar) {
    var boxes = all('input[name=id]');
    var whole = document.getElementById('whole');
    var every = bar.elements.all;
    var deed = bar.elements.deed;
    var value = bar.elements.value;

    function count() {
      var chosen = boxes.filter(function (box) { return box.checked; }).length;
      document.getElementById('chosen').textContent = every && every.checked ? every.dataset.total : chosen;
      whole.checked = chosen === boxes.length;
      bar.classList.toggle('idle', !chosen && !(every && every.checked));
    }
    function asked() {
      var needed = ['chapter', 'tag', 'untag'].indexOf(deed.value) >= 0;
      value.hidden = !needed;
      value.placeholder = deed.value === 'chapter' ? '新的章节' : '标签，可写几个';
    }

    whole.addEventListener('change', function () {
      boxes.forEach(function (box) { box.checked = whole.checked; });
      count();
    });
    document.addEventListener('change', count);
    deed.addEventListener('change', asked);
    asked();
    count();
  }

  var form = document.getElementById('writing');
  if (form) { prepareForm(form); }
  var bar = document.getElementById('bulk');
  if (bar) { prepareChoice(bar); }
  all('form[data-ask]').forEach(function (asking) {
    asking.addEventListener('submit', function (event) {
      if (!window.confirm(asking.dataset.ask)) { event.preventDefault(); }
    });
  });
})();
