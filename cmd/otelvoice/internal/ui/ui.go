// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package ui has the pages of the viewer.
//
// The pages are in dist, which is built from src: run npm ci and npm run build in the directory of this package,
// and commit dist. The script check.sh reports whether dist is what the sources give.
//
// The pages ask the server for /api/..., and no other: the policy of their content allows nothing from outside,
// and no code but their own. Texts of calls are never taken as markup.
package ui

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"mime"
	"net/http"
	"path"
	"strings"
)

//go:embed dist
var dist embed.FS

// policy is the Content-Security-Policy of the pages.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; media-src 'self'; " +
	"connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

// Handler returns the handler of the pages: "/" and the files that it needs. Other paths are not found. It may be
// used by several goroutines at once.
func Handler() http.Handler {
	files := map[string]*file{}
	for _, name := range []string{"index.html", "app.js", "app.css", "licences.txt"} {
		files["/"+name] = newFile(name)
	}
	files["/"] = files["/index.html"]
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f := files[r.URL.Path]
		if f == nil {
			http.NotFound(w, r)
			return
		}
		f.ServeHTTP(w, r)
	})
}

// A file is one of the files of the pages.
type file struct {
	data []byte
	kind string
	tag  string // Empty if the file must not be kept.
}

func newFile(name string) *file {
	f := &file{data: read(name), kind: mime.TypeByExtension(path.Ext(name))}
	switch path.Ext(name) { // The types of a machine may be others.
	case ".html":
		f.kind = "text/html; charset=utf-8"
	case ".js":
		f.kind = "text/javascript; charset=utf-8"
	case ".css":
		f.kind = "text/css; charset=utf-8"
	case ".txt":
		f.kind = "text/plain; charset=utf-8"
	}
	if name != "index.html" {
		sum := sha256.Sum256(f.data)
		f.tag = `"` + hex.EncodeToString(sum[:16]) + `"`
	}
	return f
}

// read returns a file of dist, which is part of the program.
func read(name string) []byte {
	data, err := dist.ReadFile("dist/" + name)
	if err != nil {
		return nil // A test reads all of them.
	}
	return data
}

func (f *file) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		h.Set("Allow", "GET, HEAD")
		http.Error(w, "the pages are read only", http.StatusMethodNotAllowed)
		return
	}
	h.Set("Content-Type", f.kind)
	if f.tag == "" {
		h.Set("Cache-Control", "no-store")
	} else {
		h.Set("Cache-Control", "no-cache") // The browser asks whether the file is the same.
		h.Set("ETag", f.tag)
		if strings.Contains(r.Header.Get("If-None-Match"), f.tag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	_, _ = w.Write(f.data)
}

// Page returns a page that shows the call of a document, in JSON, without a server. The code, the style and the
// document are in the page, and its policy allows nothing else.
func Page(document []byte) []byte {
	script, style := read("app.js"), read("app.css")
	var page bytes.Buffer
	page.Grow(len(script) + len(style) + len(document) + 4<<10)
	page.WriteString("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n" +
		"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; script-src '" + hash(script) + "'; style-src '" + hash(style) +
		"'; img-src data:; base-uri 'none'; form-action 'none'\">\n" +
		"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n" +
		"<title>otelvoice</title>\n<link rel=\"icon\" href=\"data:,\">\n<style>")
	page.Write(style)
	page.WriteString("</style>\n</head>\n<body>\n<div id=\"root\"></div>\n<p id=\"status\" class=\"sr\" role=\"status\" aria-live=\"polite\"></p>\n" +
		"<script type=\"application/json\" id=\"document\">")
	page.Write(escape(document))
	page.WriteString("</script>\n<script>")
	page.Write(script)
	page.WriteString("</script>\n</body>\n</html>\n")
	return page.Bytes()
}

// hash returns the source of a policy that allows a text.
func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return "sha256-" + base64.StdEncoding.EncodeToString(sum[:])
}

// escape returns JSON in which no character means something to HTML. In JSON these characters are in strings only,
// so that the value stays the same.
func escape(document []byte) []byte {
	document = bytes.ReplaceAll(document, []byte("<"), []byte(`\u003c`))
	document = bytes.ReplaceAll(document, []byte(">"), []byte(`\u003e`))
	return bytes.ReplaceAll(document, []byte("&"), []byte(`\u0026`))
}
