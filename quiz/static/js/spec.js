/* 抽题规则: sums while typing, cells that ask for more than there is, arrow keys, a pasted row. */
(function () {
  "use strict";
  var form = document.getElementById("spec");
  if (!form) return;
  var table = form.querySelector(".mx");
  var rows = [].map.call(table.tBodies[0].rows, function (row) {
    return [].slice.call(row.cells, 1, -1).map(function (cell) { return cell.querySelector("input"); });
  });

  function count(input) { return input ? parseInt(input.value, 10) || 0 : 0; }

  function add() {
    var full = 0, all = 0, columns = table.tFoot.querySelectorAll("[data-column]");
    rows[0].forEach(function (_, place) {
      var sum = rows.reduce(function (found, row) { return found + count(row[place]); }, 0);
      columns[place].textContent = sum;
    });
    rows.forEach(function (row, number) {
      var sum = 0;
      row.forEach(function (input) {
        if (!input) return;
        var wanted = count(input), kind = input.name.split("-")[1];
        sum += wanted;
        full += wanted * (parseFloat(form["points-" + kind].value) || 0);
        var over = wanted > +input.getAttribute("data-have");
        input.className = over ? "er" : wanted ? "" : "z";
        input.nextSibling.className = over ? "er" : "";
        input.nextSibling.textContent = (over ? "只有 " : "/ ") + input.getAttribute("data-have");
      });
      table.tBodies[0].rows[number].querySelector("[data-row]").textContent = sum;
      all += sum;
    });
    table.tFoot.querySelector("[data-all]").textContent = all;
    document.getElementById("items").textContent = all;
    document.getElementById("full").textContent = Math.round(full * 100) / 100;
    document.getElementById("off").hidden = Math.round(full * 100) === 10000;
  }

  function place(input) {
    for (var number = 0; number < rows.length; number += 1) {
      var column = rows[number].indexOf(input);
      if (column >= 0) return [number, column];
    }
    return null;
  }

  var MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

  form.addEventListener("keydown", function (event) {
    var at = place(event.target), move = MOVES[event.key];
    if (!at || !move) return;
    var next = null, row = at[0] + move[0], column = at[1] + move[1];
    while (rows[row] && column >= 0 && column < rows[row].length && !next) {
      next = rows[row][column];
      row += move[0];
      column += move[1];
    }
    if (next) { event.preventDefault(); next.focus(); next.select(); }
  });

  form.addEventListener("paste", function (event) {
    var at = place(event.target);
    var text = (event.clipboardData || window.clipboardData).getData("text");
    if (!at || !/[\t\n]/.test(text.trim())) return;
    event.preventDefault();
    text.replace(/\r/g, "").replace(/\n$/, "").split("\n").forEach(function (line, down) {
      line.split("\t").forEach(function (cell, right) {
        var input = (rows[at[0] + down] || [])[at[1] + right];
        if (input) input.value = /^\d{1,4}$/.test(cell.trim()) ? cell.trim() : "0";
      });
    });
    add();
  });

  form.addEventListener("input", add);
  add();
})();
