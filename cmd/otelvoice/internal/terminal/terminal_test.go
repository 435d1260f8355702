// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package terminal_test

import (
	"strings"
	"testing"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/terminal"
)

func TestClean(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"plain text", "plain text"},
		{"naïve 日本語", "naïve 日本語"},
		{"\x1b[31mred\x07", `\x1b[31mred\x07`},
		{"a\nb\tc\r", `a\nb c\x0d`},
		{"\u202Eevil\u2066", `\u202eevil\u2066`},
		{"\u200bhidden\ufeff", `\u200bhidden\ufeff`},
		{"not \xff UTF-8", `not \xff UTF-8`},
		{"C1 \u009b31m", `C1 \x9b31m`},
		{"\U000E0041tag", `\U000e0041tag`},
		{strings.Repeat("x", 31), strings.Repeat("x", 29) + "…"},
		{strings.Repeat("x", 30), strings.Repeat("x", 30)},
		{strings.Repeat("日", 20), strings.Repeat("日", 14) + "…"},
		{strings.Repeat("\x00", 1<<20), strings.Repeat(`\x00`, 7) + "…"},
	} {
		if got := terminal.Clean(tt.text, 30); got != tt.want {
			t.Errorf("%.40q\ngot  %q\nwant %q", tt.text, got, tt.want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("a\x1b[2J\u202e日\xff", 5)
	f.Fuzz(func(t *testing.T, text string, limit int) {
		limit = 1 + max(0, limit)%200
		got := terminal.Clean(text, limit)
		if terminal.Columns(got) > limit+1 || strings.ContainsAny(got, "\x1b\x07\n\r\u202e\u009b") {
			t.Errorf("%q has %d columns, limit %d", got, terminal.Columns(got), limit)
		}
		if again := terminal.Clean(got, limit+1); again != got {
			t.Errorf("%q becomes %q", got, again)
		}
	})
}

func TestTable(t *testing.T) {
	table := terminal.Table{Columns: []terminal.Column{{Head: "NAME"}, {Head: "EMPTY"}, {Head: "N", Right: true}, {Head: "TEXT"}}}
	table.Add(terminal.Plain, "a", "", "1", "\x1b[31m")
	table.Add(terminal.Red, "日本", "", "100", "long text that does not fit")
	var b strings.Builder
	if err := table.Write(&b, terminal.Screen{Width: 30, Cut: true}); err != nil {
		t.Fatal(err)
	}
	want := "NAME    N  TEXT\na       1  \\x1b[31m\n日本  100  long text that doe…\n"
	if b.String() != want {
		t.Errorf("\ngot\n%s\nwant\n%s", b.String(), want)
	}
}

func TestScreen(t *testing.T) {
	env := func(name string) (string, bool) { return map[string]string{"COLUMNS": "72"}[name], name == "COLUMNS" }
	if got := terminal.Of(&strings.Builder{}, env); got != (terminal.Screen{Width: 72, Cut: true}) {
		t.Errorf("got %+v, want 72 columns without colors", got)
	}
	if got := (terminal.Screen{}).In(terminal.Red, "x"); got != "x" {
		t.Errorf("got %q", got)
	}
	if got := (terminal.Screen{Color: true}).In(terminal.Red, "x"); got != "\x1b[31mx\x1b[0m" {
		t.Errorf("got %q", got)
	}
}

func TestBar(t *testing.T) {
	parts := []terminal.Part{{Value: 0.5, Fill: 'a'}, {Value: 0, Fill: 'b'}, {Value: 0.02, Fill: 'c'}, {Value: 0.4, Fill: 'd'}, {Value: 3, Fill: 'e'}}
	if got, want := (terminal.Screen{}).Bar(parts, 1, 20), "aaaaaaaaaacdddddddee"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if got, want := (terminal.Screen{}).Bar(parts[:1], 1, 20), "aaaaaaaaaa          "; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
