// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package view

import (
	"crypto/subtle"
	"net"
	"net/http"
	"strings"
)

// cookie is the name of the cookie that has the token.
const cookie = "otelvoice_token"

// guard lets in who may see the pages.
//
// Without a token, requests must name this machine as their host: else a page of another site, whose name was made
// to lead to this machine, could read the calls (DNS rebinding). With a token, they must have it: as the header
// "Authorization: Bearer TOKEN", or once as the parameter token, which becomes a cookie. Requests that would change
// something are refused.
func guard(next http.Handler, token string, address net.Addr) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Referrer-Policy", "no-referrer") // The token may be in the address.
		w.Header().Set("Cross-Origin-Resource-Policy", "same-origin")
		switch {
		case r.Method != http.MethodGet && r.Method != http.MethodHead:
			w.Header().Set("Allow", "GET, HEAD")
			http.Error(w, "the viewer is read only", http.StatusMethodNotAllowed)
		case token == "" && !isThisMachine(r.Host, address):
			http.Error(w, "this name does not lead to the viewer: open http://localhost with its port", http.StatusMisdirectedRequest)
		case token != "" && isToken(r.URL.Query().Get("token"), token):
			http.SetCookie(w, &http.Cookie{Name: cookie, Value: token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode}) // #nosec G124 -- without TLS there is no secure cookie.
			http.Redirect(w, r, "/", http.StatusSeeOther)                                                                             // The pages have one path.
		case token != "" && !hasToken(r, token):
			w.Header().Set("WWW-Authenticate", "Bearer")
			http.Error(w, "the token is missing or wrong: open the address with ?token=TOKEN once", http.StatusUnauthorized)
		default:
			next.ServeHTTP(w, r)
		}
	})
}

func isToken(got, token string) bool {
	return subtle.ConstantTimeCompare([]byte(got), []byte(token)) == 1
}

func hasToken(r *http.Request, token string) bool {
	if got, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok && isToken(got, token) {
		return true
	}
	c, err := r.Cookie(cookie)
	return err == nil && isToken(c.Value, token)
}

// isThisMachine reports whether a host header names loopback, or the address that the viewer listens at.
func isThisMachine(host string, address net.Addr) bool {
	name, _, err := net.SplitHostPort(host)
	if err != nil {
		name = host
	}
	name = strings.TrimSuffix(strings.TrimPrefix(name, "["), "]")
	if strings.EqualFold(name, "localhost") {
		return true
	}
	ip := net.ParseIP(name)
	if ip == nil {
		return false
	}
	own, _, err := net.SplitHostPort(address.String())
	return ip.IsLoopback() || err == nil && own == name
}
