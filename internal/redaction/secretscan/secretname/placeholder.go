// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretname

import (
	"strings"

	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// isPlaceholder reports whether a value is a placeholder: $1, ${DB_PASS}, :password, {{ password }}.
func isPlaceholder(s string) bool {
	switch {
	case len(s) < 2:
		return s == "?"
	case IsPlaceholderAt(s, 0):
		return true
	case s[0] == '$' && chars.IsDigits(s[1:]):
		return true
	case s[0] == ':' || s[0] == '@':
		return placeholders.Has(s[1:])
	}
	return false
}

// IsPlaceholderAt reports whether a placeholder, or the source of a value, begins at i: ${DB_PASS},
// os.Getenv("DB_PASS"), secrets.db_pass.
func IsPlaceholderAt(s string, i int) bool {
	rest := s[i:min(len(s), i+chars.MaxLookBack)]
	for _, group := range [...][2]string{{"${", "}"}, {"$(", ")"}, {"{{", "}}"}, {"%(", ")"}, {"#{", "}"}} {
		if inside, ok := strings.CutPrefix(rest, group[0]); ok {
			return strings.Contains(inside, group[1])
		}
	}
	for _, call := range [...]string{"os.Getenv(", "os.getenv(", "os.environ", "process.env", "System.getenv(", "ENV[", "env(", "getenv("} {
		if strings.HasPrefix(rest, call) {
			return true
		}
	}
	for _, scope := range [...]string{"env.", "var.", "local.", "secrets.", "vault."} {
		if name, ok := strings.CutPrefix(rest, scope); ok {
			end := chars.Skip(name, 0, func(c byte) bool { return chars.IsLetter(c) || c == '_' || c == '.' })
			return end > 0 && (end == len(name) || !chars.IsName(name[end]))
		}
	}
	switch s[i] {
	case '<', '{':
		end := chars.Skip(s, i+1, func(c byte) bool { return chars.IsLetter(c) || c == '_' || c == '-' || c == ' ' })
		return end > i+1 && end < len(s) && (s[end] == '>' || s[end] == '}') && !chars.Continues(s, end+1)
	case '$':
		end := chars.Skip(s, i+1, chars.IsName)
		return strings.ToUpper(s[i:end]) == s[i:end] && (strings.Contains(s[i:end], "_") || placeholders.Has(s[i+1:end]))
	}
	return false
}

// placeholders are the names of secret parameters in statements.
var placeholders = chars.Words("password passwd pass pwd secret token api_key apikey key phone email hash password_hash new_password value otp pin")
