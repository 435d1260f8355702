// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"strconv"
	"strings"
)

// codePrinters print the literals of other languages.
func codePrinters() []Printer {
	return []Printer{
		printer("PHP array", func(k, v string) string {
			return "array ( 'user' => 'ada', '" + snake(k) + "' => '" + singleQuoted(v) + "', )"
		}),
		plain("PHP dump", func(k, v string) string {
			return `["` + snake(k) + `"]=> string(` + strconv.Itoa(len(v)) + `) "` + v + `"`
		}),
		lines("print_r", func(k, v string) string { return "Array\n(\n    [user] => ada\n    [" + snake(k) + "] => " + v + "\n)" }),
		printer("Ruby hash", func(k, v string) string { return `{:user=>"ada", :` + snake(k) + `=>` + strconv.Quote(v) + `}` }),
		printer("Ruby hash of today", func(k, v string) string { return `{user: "ada", ` + snake(k) + `: ` + strconv.Quote(v) + `}` }),
		printer("Ruby hash of strings", func(k, v string) string { return `{"` + k + `" => ` + strconv.Quote(v) + `}` }),
		printer("Python dictionary", func(k, v string) string { return "{'user': 'ada', '" + k + "': " + repr(v) + "}" }),
		printer("Python call", func(k, v string) string { return "Client(user='ada', " + snake(k) + "=" + repr(v) + ")" }),
		printer("Python bytes", func(k, v string) string { return "{b'" + k + "': b" + repr(v) + "}" }),
		printer("Python tuple", func(k, v string) string { return "[('user', 'ada'), ('" + k + "', " + repr(v) + ")]" }),
		printer("JavaScript object", func(k, v string) string { return "{ user: 'ada', " + camel(k) + ": '" + singleQuoted(v) + "' }" }),
		printer("JavaScript object with quoted key", func(k, v string) string { return "{ '" + k + "': '" + singleQuoted(v) + "' }" }),
		printer("JavaScript template", func(k, v string) string { return "const " + camel(k) + " = `" + v + "`;" }),
		plain("Java record", func(k, v string) string { return "Config[user=ada, " + camel(k) + "=" + v + ", port=443]" }),
		plain("Java object", func(k, v string) string { return "Config{user='ada', " + camel(k) + "='" + v + "', port=443}" }),
		lines("Java map", func(k, v string) string { return "{user=ada, " + camel(k) + "=" + v + "}" }),
		printer("Rust debug", func(k, v string) string {
			return `Config { user: "ada", ` + snake(k) + `: Some(` + strconv.Quote(v) + `), port: 443 }`
		}),
		printer("protobuf text", func(k, v string) string { return `user: "ada" ` + snake(k) + `: ` + strconv.Quote(v) + ` port: 443` }),
		printer("Elixir map", func(k, v string) string { return `%{user: "ada", "` + snake(k) + `" => ` + strconv.Quote(v) + `}` }),
		plain("SQL condition", func(k, v string) string {
			return "SELECT id FROM users WHERE name = 'ada' AND " + snake(k) + " = '" + v + "' LIMIT 1"
		}),
		plain("SQL update", func(k, v string) string { return `UPDATE users SET "` + snake(k) + `" = '` + v + `' WHERE id = 7` }),
		plain("SQL user", func(k, v string) string { return "CREATE USER ada WITH " + upper(k) + " = '" + v + "'" }),
	}
}

// singleQuoted returns what stands between single quotes.
func singleQuoted(v string) string {
	return strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\n", `\n`).Replace(v)
}

// repr returns a string as Python prints it.
func repr(v string) string {
	if strings.Contains(v, "'") && !strings.Contains(v, `"`) {
		return `"` + strings.NewReplacer(`\`, `\\`, "\n", `\n`, "\t", `\t`).Replace(v) + `"`
	}
	return "'" + strings.ReplaceAll(singleQuoted(v), "\t", `\t`) + "'"
}
