// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package namedvalue

import (
	"github.com/voice-agents/telemetry/internal/redaction/secretscan/chars"
)

// authSchemes are the schemes of IANA's registry that are in use, and those of the services that voice
// agents call.
var authSchemes = chars.Words(`
	bearer basic token digest apikey api-key negotiate ntlm key hawk oauth dpop hoba mac aws4-hmac-sha256 aws sharedkey
	sharedaccesssignature signature scram-sha-256 scram-sha-1 jwt splunk sso-key bot user
`)

// credentialsEnd returns the end of the value of an Authorization header that begins at i: one word, or a
// scheme with a token or with parameters (RFC 9110, section 11.4).
func credentialsEnd(s string, i int) int {
	end := WordEnd(s, i)
	next := chars.Skip(s, end, func(c byte) bool { return chars.IsSpace(c) || chars.IsEnd(c) })
	if next == end || next == len(s) || !chars.IsSpace(s[next-1]) { // A header continues on the next line if that is indented.
		return end
	}
	scheme := s[i:end]
	if authSchemes.Has(scheme) && authSchemes.Has(s[next:WordEnd(s, next)]) {
		return credentialsEnd(s, next) // Bearer Bearer x
	}
	isName := chars.Skip(scheme, 0, chars.IsName) == len(scheme)
	if authSchemes.Has(scheme) || isName && (IsData(s[next:WordEnd(s, next)]) || StartsPair(s, next)) {
		return ParametersEnd(s, next)
	}
	return end
}

// ParametersEnd returns the end of a token, or of parameters separated by commas.
func ParametersEnd(s string, i int) int {
	if !StartsParameter(s, i) { // A token.
		return parameterEnd(s, i)
	}
	for {
		end := parameterEnd(s, i)
		i = end
		if i < len(s) && s[i] == ',' {
			i++
		}
		i = chars.Skip(s, i, chars.IsSpace)
		if i == end || !StartsParameter(s, i) {
			return end
		}
	}
}

// parameterEnd returns the end of name=value or name="value".
func parameterEnd(s string, i int) int {
	value := chars.Skip(s, i, chars.IsName) + 1
	if value > i+1 && value < len(s) && s[value-1] == '=' && s[value] == '"' && !EndsQuote(s, value) {
		return min(len(s), Closing(s, value+1, '"')+1)
	}
	return WordEnd(s, i)
}

// cookiesEnd returns the end of the value of a Cookie or Set-Cookie header: the end of the line, or of the
// quotes or brackets around it.
func cookiesEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case chars.IsEnd(c), c == '\\':
			return i
		case chars.IsQuote(c) && i > 0 && s[i-1] == '=' && !EndsQuote(s, i): // A value may be quoted.
			i = min(Closing(s, i+1, c), len(s)-1)
		case (chars.IsQuote(c) || c == ']' || c == '}') && chars.Closes(s, i):
			return i
		}
	}
	return i
}
