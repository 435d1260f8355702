// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

import "strings"

// isPlaceholder reports whether a value stands for one that comes from elsewhere: $1, ${DB_PASS},
// :password, {{ password }}.
func isPlaceholder(s string) bool {
	switch {
	case len(s) < 2:
		return s == "?"
	case isPlaceholderAt(s, 0):
		return true
	case s[0] == '$' && isDigits(s[1:]):
		return true
	case s[0] == ':' || s[0] == '@':
		return placeholders.has(s[1:])
	}
	return false
}

// isPlaceholderAt reports whether what begins at i is where a value comes from, or stands for it.
func isPlaceholderAt(s string, i int) bool {
	rest := s[i:min(len(s), i+longestForm)]
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
			end := skip(name, 0, func(c byte) bool { return isLetter(c) || c == '_' || c == '.' })
			return end > 0 && (end == len(name) || !isName(name[end]))
		}
	}
	switch s[i] {
	case '<', '{':
		end := skip(s, i+1, func(c byte) bool { return isLetter(c) || c == '_' || c == '-' || c == ' ' })
		return end > i+1 && end < len(s) && (s[end] == '>' || s[end] == '}') && !goesOn(s, end+1)
	case '$':
		end := skip(s, i+1, isName)
		return strings.ToUpper(s[i:end]) == s[i:end] && (strings.Contains(s[i:end], "_") || placeholders.has(s[i+1:end]))
	}
	return false
}

// placeholders are the names by which statements have values that are secret.
var placeholders = words("password passwd pass pwd secret token api_key apikey key phone email hash password_hash new_password value otp pin")
