/* The answer sheet, the question before handing in, and how both hold the focus. */
(function () {
  'use strict';
  var M = window.Mingshi = window.Mingshi || {};
  var make = M.make;
  /* As many of the unanswered as leave both buttons on a small screen. */
  var first = function () { return window.innerHeight < 700 ? 3 : 5; };
  var by = function (id) { return document.getElementById(id); };

  /* Shows one section over the page; Escape and the scrim close it and give the focus back. */
  M.Layer = class {
    constructor(section, closed) {
      var layer = this;
      this.section = section;
      this.closed = closed || function () {};
      this.firm = false;
      section.addEventListener('keydown', function (event) {
        if (event.key === 'Escape') layer.close();
        if (event.key === 'Tab') layer.keep(event);
      });
      by('scrim').addEventListener('click', function () { layer.close(); });
    }

    get isOpen() { return !this.section.hidden; }

    open(focus) {
      if (!this.isOpen) this.before = document.activeElement;
      this.section.hidden = by('scrim').hidden = false;
      this.behind(true);
      focus.focus();
    }

    /* firm: handing in is under way and there is nothing to go back to. */
    close(quietly) {
      if (!this.isOpen || this.firm) return;
      this.section.hidden = by('scrim').hidden = true;
      this.behind(false);
      if (!quietly && this.before) this.before.focus();
      this.closed();
    }

    behind(hidden) {
      ['top', 'item', 'bar'].forEach(function (id) {
        if (hidden) by(id).setAttribute('aria-hidden', 'true'); else by(id).removeAttribute('aria-hidden');
      });
      document.body.classList.toggle('still', hidden);
    }

    keep(event) {
      var all = this.section.querySelectorAll('button:not([disabled]),a[href]');
      var first = all[0], last = all[all.length - 1], at = document.activeElement;
      if (!first) { event.preventDefault(); return; }
      if (event.shiftKey && (at === first || !this.section.contains(at) || at.tabIndex < 0)) {
        event.preventDefault();
        last.focus();
      } else if (!event.shiftKey && (at === last || !this.section.contains(at))) {
        event.preventDefault();
        first.focus();
      }
    }
  };

  /* groups of items that follow each other and are of one kind and worth */
  M.groups = function (items) {
    var groups = [];
    items.forEach(function (item) {
      var last = groups[groups.length - 1];
      if (last && last.kind === item.kind) last.items.push(item);
      else groups.push({ kind: item.kind, items: [item] });
    });
    return groups;
  };

  function worth(items) {
    var same = items.every(function (item) { return item.points === items[0].points; });
    return items.length + ' 题' + (same ? ' · 每题 ' + items[0].points + ' 分' : '');
  }

  /* state(position) → {answered, flagged, waiting, current}; go(position), ask(), both of the page. */
  M.Sheet = class {
    constructor(items, state, go, ask) {
      this.items = items;
      this.state = state;
      this.go = go;
      this.ask = ask;
      this.layer = new M.Layer(by('sheet'));
      var sheet = this;
      by('close-sheet').addEventListener('click', function () { sheet.layer.close(); });
    }

    open() {
      this.draw();
      this.layer.open(by('sheet-title'));
      var current = by('cells').querySelector('.cu');
      if (current && current.offsetTop > by('cells').clientHeight) by('cells').scrollTop = current.offsetTop - 120;
    }

    leave(position) {
      this.layer.close(true);
      this.go(position);
    }

    draw() {
      var sheet = this, unanswered = this.unanswered();
      by('sheet-count').textContent = '已答 ' + (this.items.length - unanswered.length) + ' / ' + this.items.length;
      by('cells').textContent = '';
      M.groups(this.items).forEach(function (group) {
        var grid = make('div', { class: 'gd' });
        group.items.forEach(function (item) { grid.append(sheet.cell(item.position)); });
        by('cells').append(make('h3', {}, M.KINDS[group.kind], make('span', {}, worth(group.items))), grid);
      });
      by('legend-waiting').hidden = !by('cells').querySelector('.wt');
      this.foot(unanswered);
    }

    cell(position) {
      var is = this.state(position), sheet = this;
      var words = ['第 ' + position + ' 题', is.answered ? '已答' : '未答'];
      if (is.flagged) words.push('已标记');
      if (is.waiting) words.push('待上传');
      var marks = 'sc' + (is.answered ? ' an' : '') + (is.flagged ? ' fg' : '') + (is.waiting ? ' wt' : '') + (is.current ? ' cu' : '');
      var cell = make('button', { type: 'button', class: marks, 'aria-label': words.join('，'), 'aria-current': is.current && 'true' }, String(position));
      cell.addEventListener('click', function () { sheet.leave(position); });
      return cell;
    }

    unanswered() {
      var sheet = this;
      return this.items.filter(function (item) { return !sheet.state(item.position).answered; });
    }

    foot(unanswered) {
      var sheet = this, foot = by('sheet-foot'), line = make('p', {});
      foot.textContent = '';
      if (unanswered.length) {
        var words = make('span', {}, '还有 ' + unanswered.length + ' 题未答：');
        unanswered.slice(0, 3).forEach(function (item) {
          var link = make('button', { type: 'button', class: 'lnk', 'aria-label': '去第 ' + item.position + ' 题' }, String(item.position));
          link.addEventListener('click', function () { sheet.leave(item.position); });
          words.append(link);
        });
        if (unanswered.length > 3) words.append(' 等');
        line.append(M.icon('warn'), words);
      } else line.append(M.icon('tick'), make('span', {}, this.items.length + ' 题全部答完。'));
      var back = make('button', { type: 'button', class: 'btn btn-line' }, unanswered.length ? '去答第 ' + unanswered[0].position + ' 题' : '返回作答');
      back.addEventListener('click', function () {
        if (unanswered.length) sheet.leave(unanswered[0].position); else sheet.layer.close();
      });
      var submit = make('button', { type: 'button', class: 'btn btn-zhu', id: 'ask-submit' }, '交卷');
      submit.addEventListener('click', function () { sheet.layer.close(true); sheet.ask(); });
      foot.append(line, make('div', {}, back, submit));
    }
  };

  /* The dialog before handing in: what is unanswered, then waiting for uploads, then sending. */
  M.Ask = class {
    constructor(sheet, words) {
      this.sheet = sheet;
      this.words = words;   /* {chances, left()} */
      this.section = by('ask');
      this.layer = new M.Layer(this.section, words.closed);
    }

    open(flagged, waiting, submit) {
      var ask = this, all = this.sheet.items, unanswered = this.sheet.unanswered();
      var title = unanswered.length ? ['还有 ' + unanswered.length + ' 题未答，', '确定交卷？'] : [all.length + ' 题全部答完，', '确定交卷？'];
      this.title(title);
      this.section.append(make('p', { id: 'ask-text' }, '交卷后不能修改。' + (this.words.chances ? this.words.chances + '，' : ''),
        make('span', { class: 'nb' }, '剩余时间 ', make('b', { class: 'num', id: 'ask-left' }, this.words.left()), '。')));
      if (unanswered.length) this.section.append(this.list(unanswered));
      var facts = make('p', { class: 'fa' });
      [['已答', all.length - unanswered.length], ['标记', flagged], ['待上传', waiting]].forEach(function (fact) {
        facts.append(make('span', {}, fact[0] + ' ', make('b', {}, String(fact[1])), ' 题'));
      });
      this.section.append(facts);
      var back = this.button('返回作答', unanswered.length ? 'btn-ink' : 'btn-line', function () { ask.layer.close(); });
      var go = this.button(unanswered.length ? '仍要交卷' : '交卷', unanswered.length ? 'btn-zl' : 'btn-zhu', submit);
      go.id = 'hand-in';
      this.section.append.apply(this.section, unanswered.length ? [back, go] : [go, back]);
      this.layer.open(this.section.querySelector('h2'));
    }

    title(parts) {
      this.section.textContent = '';
      var title = make('h2', { id: 'ask-title', tabindex: '-1' });
      parts.forEach(function (part) { title.append(make('span', { class: 'nb' }, part)); });
      this.section.append(title);
    }

    button(words, looks, act) {
      var button = make('button', { type: 'button', class: 'btn ' + looks }, words);
      button.addEventListener('click', act);
      return button;
    }

    list(unanswered) {
      var ask = this, list = make('ul', { class: 'un' });
      unanswered.slice(0, first()).forEach(function (item) {
        var line = make('button', { type: 'button' }, make('b', {}, String(item.position)), make('span', {}, item.stem), M.icon('next'));
        line.addEventListener('click', function () { ask.layer.close(true); ask.sheet.go(item.position); });
        list.append(make('li', {}, line));
      });
      if (unanswered.length > first()) list.append(make('li', { class: 'more' }, '另有 ' + (unanswered.length - first()) + ' 题'));
      return list;
    }

    /* Uploads are still on their way. */
    waiting(count) {
      var ask = this;
      this.title(['还没有交卷']);
      this.section.append(make('p', { id: 'ask-text', role: 'status' }, '还有 ' + count + ' 题没有上传，正在等待网络。请保持本页打开。'),
        this.button('网络一直不通？', 'btn-line', this.words.carry),
        this.button('返回作答', 'btn-line', function () { ask.layer.close(); }));
      this.layer.open(this.section.querySelector('h2'));
    }

    sending() {
      this.title(['正在交卷…']);
      var busy = this.button('正在交卷…', 'btn-zhu', function () {});
      busy.setAttribute('aria-busy', 'true');
      this.section.append(make('p', { id: 'ask-text', role: 'status' }, '答案都已存好，请稍等。'), busy);
      this.layer.open(this.section.querySelector('h2'));
    }

    failed(submit) {
      var ask = this;
      this.title(['交卷没有成功']);
      this.section.append(make('div', { class: 'note note-zhu', id: 'ask-text', role: 'alert' }, M.icon('warn'),
        make('span', {}, '交卷没有成功。答案都在，请保持联网后再点一次“交卷”。')),
      this.button('交卷', 'btn-zhu', submit), this.button('返回作答', 'btn-line', function () { ask.layer.close(); }));
      this.layer.open(this.section.querySelector('h2'));
    }
  };
})();
