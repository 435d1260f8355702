// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"strconv"
	"time"
)

// logPrinters print lines of logs and sentences.
func logPrinters() []Printer {
	return []Printer{
		slogPrinter("slog text", func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }),
		slogPrinter("slog JSON", func(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }),
		printer("slog text of a group", func(k, v string) string {
			return logged(func(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }, slog.Group("auth", slog.String(k, v)))
		}),
		printer("logfmt", func(k, v string) string {
			return "level=info user=ada " + snake(k) + "=" + strconv.Quote(v) + " port=443"
		}),
		words("logfmt without quotes", func(k, v string) string { return "level=info " + snake(k) + "=" + v + " port=443" }),
		printer("zap", func(k, v string) string {
			return "2026-11-23T11:45:00.000Z\tINFO\tagent/main.go:42\tconnecting\t" + jsonText(map[string]string{k: v, "user": "ada"})
		}),
		printer("zerolog", func(k, v string) string {
			return `{"level":"info","` + snake(k) + `":` + quoted(v) + `,"time":1795434300,"message":"connecting"}`
		}),
		words("zerolog console", func(k, v string) string { return "11:45AM INF connecting " + snake(k) + "=" + v + " user=ada" }),
		lines("end of a sentence", func(k, v string) string { return "login failed, " + k + ": " + v }),
		lines("sentence with =", func(k, v string) string { return "tried with " + snake(k) + " = " + v }),
		printer("sentence with quotes", func(k, v string) string { return "the " + k + ": " + strconv.Quote(v) + " was refused" }),
		words("brackets", func(k, v string) string { return "[" + k + "=" + v + "] refused" }),
		words("parentheses", func(k, v string) string { return "refused (" + k + ": " + v + ")" }),
		words("after letters of another script", func(k, v string) string { return "登录失败" + k + "=" + v }),
		words("full-width colon", func(k, v string) string { return k + "：" + v }),
		words("arrow", func(k, v string) string { return k + " -> " + v }),
		words("assignment of Go", func(k, v string) string { return camel(k) + " := " + strconv.Quote(v) }),
		words("comparison", func(k, v string) string { return "if " + camel(k) + " == " + strconv.Quote(v) }),
		lines("statement of a debugger", func(k, v string) string { return "string " + camel(k) + " = " + strconv.Quote(v) + ";" }),
		words("comma list", func(k, v string) string { return "user=ada," + snake(k) + "=" + v + ",port=443" }),
		words("semicolon list", func(k, v string) string { return "user=ada;" + snake(k) + "=" + v + ";port=443" }),
		words("bar list", func(k, v string) string { return "user=ada|" + snake(k) + "=" + v + "|port=443" }),
	}
}

func slogPrinter(name string, handler func(io.Writer) slog.Handler) Printer {
	return printer(name, func(k, v string) string { return logged(handler, slog.String(k, v)) })
}

// logged returns the line of a record with the attribute.
func logged(handler func(io.Writer) slog.Handler, a slog.Attr) string {
	var b bytes.Buffer
	r := slog.NewRecord(time.Date(2026, 11, 23, 11, 45, 0, 0, time.UTC), slog.LevelInfo, "connecting", 0)
	r.AddAttrs(a, slog.String("user", "ada"))
	_ = handler(&b).Handle(context.Background(), r) // A Buffer takes everything.
	return b.String()
}
