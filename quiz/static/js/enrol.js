/* The list of units becomes a field to search in: by any part of the name or by its initials. */
(function () {
  'use strict';
  var select = document.getElementById('unit');
  if (!select) return;
  var field = document.getElementById('unit-field');
  var written = document.getElementById('written-field');
  var OTHER = '+', MOST = 6;
  var units = [].slice.call(select.options).filter(function (one) { return one.value && one.value !== OTHER; })
    .map(function (one) { return {name: one.value, key: one.value.toLowerCase() + ' ' + one.dataset.k}; });
  var other = [].slice.call(select.options).some(function (one) { return one.value === OTHER; });
  var active = -1;

  var pick = document.createElement('div');
  pick.className = 'pick';
  var input = document.createElement('input');
  input.className = 'in';
  input.type = 'text';
  input.autocomplete = 'off';
  input.placeholder = '输入单位名称或拼音首字母';
  input.setAttribute('role', 'combobox');
  input.setAttribute('aria-expanded', 'false');
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', 'unit-list');
  ['aria-invalid', 'aria-describedby'].forEach(function (name) {
    if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
  });
  var change = document.createElement('button');
  change.type = 'button';
  change.className = 'chg';
  change.textContent = '更换';
  var list = document.createElement('ul');
  list.id = 'unit-list';
  list.setAttribute('role', 'listbox');
  list.setAttribute('aria-label', '单位');
  list.hidden = true;
  pick.appendChild(input);
  pick.appendChild(change);
  pick.appendChild(list);

  // The label and the form's own value stay with the select; what is seen is the field.
  select.id = 'unit-value';
  input.id = 'unit';
  select.hidden = true;
  field.appendChild(pick);

  function show() {
    var value = select.value;
    input.value = value === OTHER ? '列表里没有' : value;
    change.hidden = !value;
    if (written) written.hidden = value !== OTHER;
  }

  function close() {
    list.hidden = true;
    active = -1;
    input.setAttribute('aria-expanded', 'false');
    input.removeAttribute('aria-activedescendant');
  }

  function choose(value) {
    select.value = value;
    show();
    close();
    if (value === OTHER && written) written.querySelector('input').focus();
  }

  function row(text, value, css) {
    var li = document.createElement('li');
    li.textContent = text;
    if (css) li.className = css;
    if (value === null) { li.setAttribute('aria-disabled', 'true'); return li; }
    li.id = 'unit-' + list.children.length;
    li.setAttribute('role', 'option');
    li.dataset.value = value;
    return li;
  }

  function open(words) {
    var key = words.toLowerCase().replace(/\s/g, '');
    var found = units.filter(function (one) { return one.key.indexOf(key) >= 0; });
    list.textContent = '';
    found.slice(0, MOST).forEach(function (one) { list.appendChild(row(one.name, one.name)); });
    if (found.length > MOST) list.appendChild(row('还有 ' + (found.length - MOST) + ' 个，继续输入', null, 'more'));
    if (!found.length) list.appendChild(row('没有找到“' + words + '”', null, 'more'));
    if (other) list.appendChild(row('列表里没有我的单位', OTHER, 'other'));
    list.hidden = false;
    active = -1;
    input.setAttribute('aria-expanded', 'true');
    input.removeAttribute('aria-activedescendant');
  }

  function options() { return list.querySelectorAll('[role=option]'); }

  function move(by) {
    var all = options();
    if (list.hidden) { open(''); all = options(); }
    if (!all.length) return;
    if (active >= 0) { all[active].classList.remove('on'); all[active].removeAttribute('aria-selected'); }
    active = (active + by + all.length) % all.length;
    all[active].classList.add('on');
    all[active].setAttribute('aria-selected', 'true');
    input.setAttribute('aria-activedescendant', all[active].id);
  }

  function again() { input.focus(); input.select(); open(''); }

  input.addEventListener('focus', function () { if (select.value) input.select(); else open(input.value); });
  input.addEventListener('click', function () { if (list.hidden) open(select.value ? '' : input.value); });
  input.addEventListener('input', function () { select.value = ''; change.hidden = true; if (written) written.hidden = true; open(input.value); });
  input.addEventListener('keydown', function (event) {
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') { event.preventDefault(); move(event.key === 'ArrowDown' ? 1 : -1); }
    if (event.key === 'Escape') close();
    if (event.key === 'Enter' && !list.hidden) {
      event.preventDefault();
      var all = options();
      if (active >= 0) choose(all[active].dataset.value);
      else if (all.length && all[0].dataset.value !== OTHER) choose(all[0].dataset.value);
    }
  });
  input.addEventListener('blur', function () {
    // A name typed out in full is chosen; half a name is left for its owner to see.
    var full = units.filter(function (one) { return one.name === input.value.trim(); })[0];
    if (full && !select.value) choose(full.name);
    close();
  });
  change.addEventListener('mousedown', function (event) { event.preventDefault(); });
  change.addEventListener('click', again);
  list.addEventListener('mousedown', function (event) { event.preventDefault(); });
  list.addEventListener('click', function (event) {
    var li = event.target.closest('[role=option]');
    if (li) choose(li.dataset.value);
  });
  window.addEventListener('pageshow', show);
  show();
})();
