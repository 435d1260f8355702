// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"net/url"
	"strconv"
	"strings"
)

// shellPrinters print command lines, environments, and files of settings.
func shellPrinters() []Printer {
	return []Printer{
		words("flag and value", func(k, v string) string { return "exec agent --" + kebab(k) + " " + v + " --port 443" }),
		words("flag with =", func(k, v string) string { return "agent --" + kebab(k) + "=" + v + " --port=443" }),
		words("flag of one dash", func(k, v string) string { return "agent -" + kebab(k) + " " + v + " -v" }),
		words("flag of one dash with =", func(k, v string) string { return "agent -" + camel(k) + "=" + v + " -v" }),
		lines("flag and quoted value", func(k, v string) string { return "agent --" + kebab(k) + " " + shellQuoted(v) + " --port 443" }),
		printer("flag in a list", func(k, v string) string { return jsonText([]string{"agent", "--" + kebab(k), v, "-v"}) }),
		printer("flag with = in a list", func(k, v string) string { return jsonText([]string{"agent", "--" + kebab(k) + "=" + v, "-v"}) }),
		words("flag in a printed list", func(k, v string) string { return "args: [agent --" + kebab(k) + " " + v + " -v]" }),
		lines("curl with a header", func(k, v string) string {
			return "curl -sS -H " + shellQuoted(k+": "+v) + " https://api.example.com/v1"
		}),
		plain("curl with a header in double quotes", func(k, v string) string { return `curl --header "` + k + `: ` + v + `" https://api.example.com/v1` }),
		plain("curl with data", func(k, v string) string {
			return `curl -d '` + jsonText(map[string]string{k: v}) + `' https://api.example.com/v1`
		}),
		lines("curl with a form", func(k, v string) string {
			return "curl -F " + shellQuoted(snake(k)+"="+v) + " https://api.example.com/v1"
		}),
		curlUser,

		words("variable", func(k, v string) string { return "PORT=443 " + upper(k) + "=" + v + " ./agent" }),
		only("line of a .env file", isEnv, func(k, v string) string { return "PORT=443\n" + upper(k) + "=" + v + "\nUSER=ada" }),
		words("export", func(k, v string) string { return "export " + upper(k) + "=" + v }),
		lines("export with quotes", func(k, v string) string { return "export " + upper(k) + "=" + shellQuoted(v) + "; ./agent" }),
		plain("variable with double quotes", func(k, v string) string { return upper(k) + `="` + v + `" ./agent` }),
		lines("environment in a list", func(k, v string) string { return "env=[PATH=/bin " + upper(k) + "=" + v + "]" }),
		plain("docker", func(k, v string) string { return `docker run -e ` + upper(k) + `="` + v + `" agent:1.2` }),
		plain("PowerShell", func(k, v string) string { return `$env:` + upper(k) + ` = "` + v + `"` }),
		plain("Windows", func(k, v string) string { return `set ` + upper(k) + `=` + v }),

		lines("INI", func(k, v string) string { return "[auth]\n" + snake(k) + " = " + v + "\nport = 443" }),
		printer("TOML", func(k, v string) string { return "[auth]\n" + snake(k) + " = " + strconv.Quote(v) + "\nport = 443" }),
		plain("TOML with single quotes", func(k, v string) string { return snake(k) + " = '" + v + "'" }),
		lines("properties", func(k, v string) string { return "spring.datasource." + kebab(k) + "=" + v + "\nserver.port=443" }),
		lines("properties with a colon", func(k, v string) string { return "agent." + camel(k) + " : " + v + "\nserver.port: 443" }),
		printer("HCL", func(k, v string) string {
			return "resource \"x\" {\n  " + snake(k) + "   = " + strconv.Quote(v) + "\n}"
		}),
		lines("value in the next line after =", func(k, v string) string { return snake(k) + "\n= " + v }),
		lines("value after = in the next line", func(k, v string) string { return snake(k) + " =\n  " + v }),
		lines("spaces around a colon", func(k, v string) string { return k + "  :   " + v }),
		lines("tabs around =", func(k, v string) string { return snake(k) + "\t" + "=" + "\t" + v }),
	}
}

// curlUser prints user and password for curl, whatever the key.
var curlUser = Printer{"curl with a user", func(s Secret) (string, bool) {
	if s.Bare() || strings.Contains(s.Value, "\t") {
		return "", false // A user may be anything.
	}
	return "curl -u " + shellQuoted("ada:"+s.Value) + " https://api.example.com/v1", true
}}

func isEnv(v string) bool { return !strings.ContainsAny(v, "\n\r\"'#") }

func shellQuoted(v string) string { return "'" + strings.ReplaceAll(v, "'", `'\''`) + "'" }

// escaped returns a query value that was encoded n times.
func escaped(v string, n int) string {
	for range n {
		v = url.QueryEscape(v)
	}
	return v
}
