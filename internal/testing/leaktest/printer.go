// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"encoding/json"
	"strings"
	"unicode"
)

// A Printer writes a secret after its key, as programs do.
type Printer struct {
	Name string
	// Print returns the text, and false if the notation cannot express the secret.
	Print func(Secret) (text string, ok bool)
}

// Printers returns all printers. They print bare secrets after a harmless key.
func Printers() []Printer {
	var all []Printer
	for _, list := range [][]Printer{fmtPrinters(), jsonPrinters(), markupPrinters(), shellPrinters(), codePrinters(), httpPrinters(), logPrinters()} {
		all = append(all, list...)
	}
	return all
}

// printer returns a printer for all values.
func printer(name string, write func(key, value string) string) Printer {
	return Printer{name, func(s Secret) (string, bool) { return write(s.key(), s.Value), true }}
}

// lines returns a printer for values of one line.
func lines(name string, write func(key, value string) string) Printer {
	return only(name, func(v string) bool { return !strings.ContainsAny(v, "\n\r") }, write)
}

// words returns a printer for values of one word without quotes and shell separators.
func words(name string, write func(key, value string) string) Printer {
	return only(name, isShellWord, write)
}

// plain returns a printer for values without quotes and backslashes, which the notation would have to escape.
func plain(name string, write func(key, value string) string) Printer {
	return only(name, func(v string) bool { return !strings.ContainsAny(v, "'\"\\\n\r\t") }, write)
}

func only(name string, can func(value string) bool, write func(key, value string) string) Printer {
	return Printer{name, func(s Secret) (string, bool) {
		if !can(s.Value) {
			return "", false
		}
		return write(s.key(), s.Value), true
	}}
}

func isShellWord(v string) bool { return !strings.ContainsAny(v, " \t\r\n'\"\\;&|<>()#") }

// wordsOf returns the words of a key in lower case.
func wordsOf(key string) []string {
	var b strings.Builder
	before := ' '
	for _, c := range key {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			b.WriteByte(' ')
		case unicode.IsUpper(c) && unicode.IsLower(before):
			b.WriteRune(' ')
			fallthrough
		default:
			b.WriteRune(unicode.ToLower(c))
		}
		before = c
	}
	return strings.Fields(b.String())
}

// snake returns a key as in_this.
func snake(key string) string { return strings.Join(wordsOf(key), "_") }

// upper returns a key as IN_THIS.
func upper(key string) string { return strings.ToUpper(snake(key)) }

// kebab returns a key as in-this.
func kebab(key string) string { return strings.Join(wordsOf(key), "-") }

// pascal returns a key as InThis.
func pascal(key string) string {
	var b strings.Builder
	for _, w := range wordsOf(key) {
		b.WriteString(strings.ToUpper(w[:1]) + w[1:])
	}
	return b.String()
}

// camel returns a key as inThis.
func camel(key string) string {
	p := pascal(key)
	return strings.ToLower(p[:1]) + p[1:]
}

// quoted returns a JSON string. Strings can always be encoded.
func quoted(s string) string {
	b, _ := json.Marshal(s)
	return string(b)
}

// jsonText returns a value as JSON text. The values here can always be encoded.
func jsonText(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}
