/* One item on the screen: options to tap, blanks to fill. Tells what was given; decides nothing. */
(function () {
  'use strict';
  var M = window.Mingshi = window.Mingshi || {};
  /* Typing is saved this long after the last key. */
  var PAUSE = 300;

  M.KINDS = { single: '单选题', multiple: '多选题', true_false: '判断题', fill: '填空题', short: '简答题' };

  M.icon = function (name) {
    return document.getElementById('icons').content.querySelector('[data-icon="' + name + '"] svg').cloneNode(true);
  };

  /* make('p', {class: 'rl'}, 'text', child …) */
  M.make = function (tag, attributes) {
    var made = document.createElement(tag);
    for (var name of Object.keys(attributes || {})) {
      if (attributes[name] !== null && attributes[name] !== false) made.setAttribute(name, attributes[name]);
    }
    for (var child of Array.prototype.slice.call(arguments, 2)) {
      made.append(child);
    }
    return made;
  };
  var make = M.make;

  function optionsOf(item) {
    if (item.kind === 'true_false') return [{ label: 'T', text: '正确' }, { label: 'F', text: '错误' }];
    return item.options;
  }

  /* given(answer) is called with the new list of texts. */
  M.Question = class {
    constructor(place, policy, given) {
      this.place = place;
      this.policy = policy;
      this.given = given;
      this.typing = null;
    }

    show(item, answer) {
      this.flush();
      this.item = item;
      this.place.textContent = '';
      this.place.append(item.kind === 'fill' || item.kind === 'short' ? this.texts(item, answer) : this.choice(item, answer));
    }

    /* The answer changed somewhere else: show it without losing the place. */
    refresh(answer) {
      if (this.typing || M.sameAnswer(this.read(), answer)) return;
      if (this.inputs[0].value !== undefined && this.inputs[0].type !== 'radio' && this.inputs[0].type !== 'checkbox') {
        this.inputs.forEach(function (input, place) { input.value = answer[place] || ''; });
      } else {
        this.inputs.forEach(function (input) { input.checked = answer.indexOf(input.value) >= 0; });
        this.paint();
      }
    }

    read() {
      var several = this.item.kind === 'fill' || this.item.kind === 'short';
      var inputs = several ? this.inputs : this.inputs.filter(function (input) { return input.checked; });
      return inputs.map(function (input) { return input.value; });
    }

    choice(item, answer) {
      var several = item.kind === 'multiple', question = this;
      var set = make('fieldset', {}, make('legend', { class: 'st' }, item.stem));
      if (several) {
        this.count = make('b', {});
        set.append(make('p', { class: 'rl' }, this.policy, ' ', make('span', { class: 'nb' }, '已选 ', this.count, ' 项。')));
      }
      this.inputs = optionsOf(item).map(function (option) {
        var input = make('input', { type: several ? 'checkbox' : 'radio', name: 'q' + item.position, value: option.label });
        input.checked = answer.indexOf(option.label) >= 0;
        var key = item.kind === 'true_false' ? M.icon(option.label === 'T' ? 'tick' : 'cross') : option.label;
        set.append(make('label', { class: several ? 'op mul' : 'op one' }, input, make('span', { class: 'k' }, key),
          make('span', { class: 'x' }, option.text), make('span', { class: 'y' }, M.icon('tick')), make('span', { class: 'rg' })));
        return input;
      });
      set.addEventListener('change', function () { question.paint(); question.given(question.read()); });
      this.paint();
      return set;
    }

    paint() {
      if (this.item.kind === 'multiple') this.count.textContent = this.read().length;
      this.inputs.forEach(function (input) { input.parentNode.classList.toggle('on', input.checked); });
    }

    texts(item, answer) {
      var blanks = item.kind === 'fill' ? item.blanks : 1, question = this;
      var set = make('fieldset', {}, make('legend', { class: 'st' }, item.stem));
      this.inputs = [];
      for (var place = 0; place < blanks; place += 1) {
        var id = 'blank-' + place;
        var field = item.kind === 'fill'
          ? make('input', { class: 'in', id: id, maxlength: 500, autocomplete: 'off', autocapitalize: 'off' })
          : make('textarea', { class: 'in', id: id, maxlength: 5000, rows: 7 });
        field.value = answer[place] || '';
        this.inputs.push(field);
        var label = item.kind === 'short' ? '你的回答' : blanks > 1 ? '第 ' + (place + 1) + ' 空' : '填在这里';
        set.append(make('div', { class: 'f' }, make('label', { for: id }, label), field));
      }
      set.addEventListener('input', function (event) {
        // Half of a Chinese word is no answer yet.
        if (!event.isComposing) question.typed();
      });
      set.addEventListener('compositionend', function () { question.typed(); });
      set.addEventListener('focusout', function () { question.flush(); });
      return set;
    }

    typed() {
      var question = this;
      clearTimeout(this.typing);
      this.typing = setTimeout(function () { question.flush(); }, PAUSE);
    }

    flush() {
      if (!this.typing) return;
      clearTimeout(this.typing);
      this.typing = null;
      this.given(this.read());
    }
  };
})();
