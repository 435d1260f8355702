// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package leaktest

import (
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// httpPrinters print requests, headers, addresses and forms.
func httpPrinters() []Printer {
	list := []Printer{
		printer("form", func(k, v string) string { return "body " + url.Values{snake(k): {v}, "user": {"ada"}}.Encode() }),
		printer("query", func(k, v string) string {
			return (&url.URL{Scheme: "https", Host: "api.example.com", Path: "/v1/x", RawQuery: query(k, v)}).String()
		}),
		printer("query in a request line", func(k, v string) string { return `"GET /v1/x?` + query(k, v) + ` HTTP/1.1" 200 512` }),
		printer("query encoded once more", func(k, v string) string { return "next=" + url.QueryEscape("https://h/x?"+query(k, v)) }),
		printer("query encoded twice more", func(k, v string) string { return "next=" + escaped("https://h/x?"+query(k, v), 2) }),
		printer("encoded separator", func(k, v string) string { return snake(k) + "%3D" + url.QueryEscape(v) }),
		printer("encoded colon", func(k, v string) string {
			return "body=%7B%22" + snake(k) + "%22%3A%22" + url.QueryEscape(v) + "%22%7D"
		}),
		printer("fragment", func(k, v string) string {
			return "https://app.example.com/cb#" + snake(k) + "=" + url.QueryEscape(v) + "&state=1"
		}),
		printer("nested form names", func(k, v string) string { return "user%5B" + snake(k) + "%5D=" + url.QueryEscape(v) + "&a=1" }),
		printer("nested form names, plain", func(k, v string) string { return "user[" + snake(k) + "]=" + url.QueryEscape(v) + "&a=1" }),
		printer("multipart form", func(k, v string) string {
			return "--x\r\nContent-Disposition: form-data; name=\"" + snake(k) + "\"\r\n\r\n" + v + "\r\n--x--"
		}),
		lines("header line", func(k, v string) string {
			return "Host: api.example.com\r\n" + k + ": " + v + "\r\nAccept: */*\r\n\r\n"
		}),
		lines("header line in lower case", func(k, v string) string { return strings.ToLower(k) + ": " + v }),
		lines("header line in upper case", func(k, v string) string { return strings.ToUpper(k) + ": " + v }),
		lines("header line without a space", func(k, v string) string { return "> " + k + ":" + v }),
		lines("header line with a tab", func(k, v string) string { return "< " + k + ":\t" + v }),
		lines("folded header", func(k, v string) string { return k + ":\r\n  " + v + "\r\nAccept: */*" }),
		only("dumped request", isHeader, dumped),
		lines("gRPC metadata", func(k, v string) string { return fmt.Sprint("metadata ", map[string][]string{strings.ToLower(k): {v}}) }),
		lines("HTTP/2 header", func(k, v string) string {
			return `http2: Transport encoding header "` + strings.ToLower(k) + `" = ` + quoted(v)
		}),
		only("cookie of the name", isCookie, func(k, v string) string { return "Cookie: theme=dark; " + snake(k) + "=" + v + "; lang=en" }),
		only("set cookie of the name", isCookie, func(k, v string) string { return "Set-Cookie: " + snake(k) + "=" + v + "; Path=/; HttpOnly" }),
		lines("header in JSON of a proxy", func(k, v string) string {
			return `{"request":{"method":"GET","headers":{` + quoted(strings.ToLower(k)) + `:[` + quoted(v) + `]}}}`
		}),
	}
	for _, scheme := range []string{"Bearer ", "Bearer  ", "Bearer\t", "bearer ", "Token ", "Basic ", "ApiKey ", "Negotiate ", "Key ", ""} {
		list = append(list, credentials("header Authorization with "+quoted(scheme), func(v string) string {
			return "Authorization: " + scheme + v
		}), credentials("printed header Authorization with "+quoted(scheme), func(v string) string {
			return fmt.Sprint(http.Header{"Authorization": {scheme + v}, "Accept": {"*/*"}})
		}))
	}
	return append(list,
		credentials("header Digest", func(v string) string {
			return `Authorization: Digest username="ada", nonce="1", response="` + v + `", qop=auth`
		}),
		credentials("header AWS4", func(v string) string {
			return "Authorization: AWS4-HMAC-SHA256 Credential=AK/20261123/eu/polly/aws4_request, SignedHeaders=host;x-amz-date, Signature=" + v
		}),
		credentials("printed cookies", func(v string) string {
			return fmt.Sprint(http.Header{"Cookie": {"theme=dark; session=" + v + "; lang=en"}})
		}),
		credentials("password in a URL", func(v string) string {
			return (&url.URL{Scheme: "https", User: url.UserPassword("ada", v), Host: "api.example.com", Path: "/v1"}).String()
		}),
	)
}

// credentials returns a printer of values that a header of credentials can hold,
// behind a key of its own.
func credentials(name string, write func(value string) string) Printer {
	return Printer{name, func(s Secret) (string, bool) {
		if s.Bare() || !isCookie(s.Value) {
			return "", false
		}
		return write(s.Value), true
	}}
}

func isHeader(v string) bool {
	return !strings.ContainsFunc(v, func(c rune) bool { return c < ' ' && c != '\t' })
}

// isCookie reports whether a cookie can hold the value without quotes.
func isCookie(v string) bool { return !strings.ContainsAny(v, " \t\r\n\";,\\") }

// dumped returns a request as httputil writes it.
func dumped(k, v string) string {
	req := &http.Request{
		Method: http.MethodGet, URL: &url.URL{Scheme: "http", Host: "api.example.com", Path: "/v1"},
		Header: http.Header{http.CanonicalHeaderKey(k): {v}, "Accept": {"*/*"}},
	}
	b, err := httputil.DumpRequestOut(req, false)
	if err != nil {
		return http.CanonicalHeaderKey(k) + ": " + v + "\r\n"
	}
	return string(b)
}
