// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package secretscan

// authSchemes are those of IANA's registry that are used, and those of the services that voice agents call.
var authSchemes = words(`
	bearer basic token digest apikey api-key negotiate ntlm key hawk oauth dpop hoba mac aws4-hmac-sha256 aws sharedkey
	sharedaccesssignature signature scram-sha-256 scram-sha-1 jwt splunk sso-key bot user
`)

// credentialsEnd returns where the value of the header Authorization ends that begins at i: one
// word, or a scheme with a token or with parameters (RFC 9110, section 11.4).
func credentialsEnd(s string, i int) int {
	end := wordEnd(s, i)
	next := skip(s, end, func(c byte) bool { return isSpace(c) || isEnd(c) })
	if next == end || next == len(s) || !isSpace(s[next-1]) { // A header goes on in the next line if that is indented.
		return end
	}
	scheme := s[i:end]
	if authSchemes.has(scheme) && authSchemes.has(s[next:wordEnd(s, next)]) {
		return credentialsEnd(s, next) // Bearer Bearer x
	}
	isName := skip(scheme, 0, isName) == len(scheme)
	if authSchemes.has(scheme) || isName && (isData(s[next:wordEnd(s, next)]) || startsPair(s, next)) {
		return parametersEnd(s, next)
	}
	return end
}

// parametersEnd returns where a token ends, or parameters with commas between them.
func parametersEnd(s string, i int) int {
	if !startsParameter(s, i) { // A token.
		return parameterEnd(s, i)
	}
	for {
		end := parameterEnd(s, i)
		i = end
		if i < len(s) && s[i] == ',' {
			i++
		}
		i = skip(s, i, isSpace)
		if i == end || !startsParameter(s, i) {
			return end
		}
	}
}

// parameterEnd returns where name=value or name="value" ends.
func parameterEnd(s string, i int) int {
	value := skip(s, i, isName) + 1
	if value > i+1 && value < len(s) && s[value-1] == '=' && s[value] == '"' && !endsQuote(s, value) {
		return min(len(s), closing(s, value+1, '"')+1)
	}
	return wordEnd(s, i)
}

// cookiesEnd returns where the value of the headers Cookie and Set-Cookie ends: with the line,
// or with the quotes or brackets around it.
func cookiesEnd(s string, i int) int {
	for ; i < len(s); i++ {
		switch c := s[i]; {
		case isEnd(c), c == '\\':
			return i
		case isQuote(c) && i > 0 && s[i-1] == '=' && !endsQuote(s, i): // A value may be quoted.
			i = min(closing(s, i+1, c), len(s)-1)
		case (isQuote(c) || c == ']' || c == '}') && closes(s, i):
			return i
		}
	}
	return i
}
