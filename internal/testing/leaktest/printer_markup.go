// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"encoding/xml"
	"html"
	"strings"
)

// markupPrinters print YAML and XML.
func markupPrinters() []Printer {
	return []Printer{
		only("YAML", isYAMLPlain, func(k, v string) string { return "user: ada\n" + snake(k) + ": " + v + "\nport: 443" }),
		printer("YAML with quotes", func(k, v string) string { return "auth:\n  " + snake(k) + ": " + quoted(v) + "\n  port: 443" }),
		lines("YAML with single quotes", func(k, v string) string { return snake(k) + ": '" + strings.ReplaceAll(v, "'", "''") + "'\nport: 443" }),
		only("YAML, value in the next line", isYAMLPlain, func(k, v string) string { return snake(k) + ":\n  " + v + "\nport: 443" }),
		printer("YAML block", func(k, v string) string { return snake(k) + ": |\n" + indented(v) + "port: 443" }),
		printer("YAML folded block", func(k, v string) string { return "a:\n  " + snake(k) + ": >-\n" + indented("  "+v) + "  port: 443" }),
		only("YAML list", isYAMLPlain, func(k, v string) string { return snake(k) + "s:\n  - " + v + "\n  - " + v + "\nport: 443" }),
		printer("YAML flow", func(k, v string) string { return "{user: ada, " + snake(k) + ": " + quoted(v) + ", port: 443}" }),
		printer("YAML of name and value", func(k, v string) string {
			return "env:\n- name: " + upper(k) + "\n  value: " + quoted(v) + "\n- name: PORT"
		}),

		printer("XML element", func(k, v string) string {
			return "<a><" + kebab(k) + ">" + escapeXML(v) + "</" + kebab(k) + "><b>1</b></a>"
		}),
		printer("XML element with attributes", func(k, v string) string {
			return "<" + pascal(k) + ` type="text" xml:lang="en">` + escapeXML(v) + "</" + pascal(k) + ">"
		}),
		printer("XML element with a namespace", func(k, v string) string { return "<ns1:" + pascal(k) + ">" + escapeXML(v) + "</ns1:" + pascal(k) + ">" }),
		printer("XML element in lines", func(k, v string) string { return "<" + snake(k) + ">\n  " + escapeXML(v) + "\n</" + snake(k) + ">" }),
		printer("CDATA", func(k, v string) string { return "<" + snake(k) + "><![CDATA[" + v + "]]></" + snake(k) + ">" }),
		printer("escaped XML", func(k, v string) string {
			return "body " + html.EscapeString("<"+snake(k)+">"+escapeXML(v)+"</"+snake(k)+">")
		}),
		printer("XML attribute", func(k, v string) string {
			return `<user name="ada" ` + camel(k) + `="` + escapeXML(v) + `" port="443"/>`
		}),
		printer("XML of name and value", func(k, v string) string { return `<property name="` + k + `" value="` + escapeXML(v) + `"/>` }),
		printer("XML of key and value", func(k, v string) string { return `<add key="` + pascal(k) + `" value="` + escapeXML(v) + `"/>` }),
		printer("HTML input", func(k, v string) string {
			return `<input type="text" name="` + snake(k) + `" value="` + html.EscapeString(v) + `">`
		}),
		plain("HTML attribute with single quotes", func(k, v string) string { return `<a data-` + kebab(k) + `='` + html.EscapeString(v) + `'>x</a>` }),
		printer("Markdown", func(k, v string) string { return "- **" + k + "**: `" + v + "`\n- **port**: 443" }),
	}
}

// isYAMLPlain reports whether YAML can hold the value without quotes.
func isYAMLPlain(v string) bool {
	return !strings.ContainsAny(v, "\n\t\"'#{}[]|") && !strings.Contains(v, ": ") && !strings.HasPrefix(v, "-") && !strings.HasPrefix(v, "%")
}

func indented(v string) string {
	return "  " + strings.ReplaceAll(v, "\n", "\n  ") + "\n"
}

func escapeXML(v string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(v)) // A Builder takes everything.
	return b.String()
}
