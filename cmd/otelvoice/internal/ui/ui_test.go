// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package ui

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func get(t *testing.T, path string, header http.Header) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
	maps.Copy(r.Header, header)
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, r)
	return w
}

func TestHandler(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		path, wantType, wantCache string
		wantCode                  int
	}{
		"the page":        {"/", "text/html; charset=utf-8", "no-store", http.StatusOK},
		"its name":        {"/index.html", "text/html; charset=utf-8", "no-store", http.StatusOK},
		"the code":        {"/app.js", "text/javascript; charset=utf-8", "no-cache", http.StatusOK},
		"the style":       {"/app.css", "text/css; charset=utf-8", "no-cache", http.StatusOK},
		"the licences":    {"/licences.txt", "text/plain; charset=utf-8", "no-cache", http.StatusOK},
		"another path":    {"/calls", "text/plain; charset=utf-8", "", http.StatusNotFound},
		"a path above":    {"/../ui.go", "text/plain; charset=utf-8", "", http.StatusNotFound},
		"the directory":   {"/dist/", "text/plain; charset=utf-8", "", http.StatusNotFound},
		"an escaped path": {"/%2e%2e/go.mod", "text/plain; charset=utf-8", "", http.StatusNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := get(t, tc.path, nil)
			h := w.Result().Header
			if w.Code != tc.wantCode || h.Get("Content-Type") != tc.wantType || h.Get("Cache-Control") != tc.wantCache {
				t.Errorf("got %d %q %q, want %d %q %q", w.Code, h.Get("Content-Type"), h.Get("Cache-Control"), tc.wantCode, tc.wantType, tc.wantCache)
			}
			if w.Code == http.StatusOK && (h.Get("Content-Security-Policy") != policy || h.Get("X-Content-Type-Options") != "nosniff" || w.Body.Len() < 100) {
				t.Errorf("got header %v and %d bytes", h, w.Body.Len())
			}
		})
	}
}

func TestHandlerAnswersThatAFileIsTheSame(t *testing.T) {
	t.Parallel()
	tag := get(t, "/app.js", nil).Result().Header.Get("ETag")
	if w := get(t, "/app.js", http.Header{"If-None-Match": {tag}}); w.Code != http.StatusNotModified || w.Body.Len() != 0 {
		t.Errorf("got %d and %d bytes, want 304 and none", w.Code, w.Body.Len())
	}
	if w := get(t, "/app.js", http.Header{"If-None-Match": {`"another"`}}); w.Code != http.StatusOK {
		t.Errorf("got %d for another version, want 200", w.Code)
	}
}

func TestHandlerIsReadOnly(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/", http.NoBody))
	if w.Code != http.StatusMethodNotAllowed || w.Header().Get("Allow") != "GET, HEAD" {
		t.Errorf("got %d, allowed %q", w.Code, w.Header().Get("Allow"))
	}
}

// The code must not end or begin a script when it is in a page.
func TestCodeCanBeInAPage(t *testing.T) {
	t.Parallel()
	script := bytes.ToLower(read("app.js"))
	for _, text := range []string{"</script", "<script"} {
		if bytes.Contains(script, []byte(text)) {
			t.Errorf("app.js has %q", text)
		}
	}
	if bytes.Contains(bytes.ToLower(read("app.css")), []byte("</style")) {
		t.Error("app.css has </style")
	}
	if len(script) > 150_000 {
		t.Errorf("app.js has %d bytes, want 150,000 at most", len(script))
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	for name, document := range map[string]string{
		"a document":        `{"id":"sess_1","turns":[]}`,
		"the end of script": `{"id":"</script><script>alert(1)</script>"}`,
		"a comment":         `{"id":"<!--<script>","agent":"-->"}`,
		"a character":       `{"id":"&lt;script&gt;"}`,
		"not JSON":          `</script><img src=x onerror=alert(1)>`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			page := string(Page([]byte(document)))
			_, rest, ok := strings.Cut(page, `<script type="application/json" id="document">`)
			if !ok {
				t.Fatal("the page has no document")
			}
			inside, _, _ := strings.Cut(rest, "</script>")
			if strings.ContainsAny(inside, "<>&") {
				t.Errorf("the document in the page has markup: %s", inside)
			}
			if strings.Count(page, "<script") != 2 || strings.Count(page, "</script") != 2 {
				t.Errorf("the page has %d scripts, want 2", strings.Count(page, "<script"))
			}
			var got, want any
			if json.Unmarshal([]byte(document), &want) != nil {
				return
			}
			if err := json.Unmarshal([]byte(inside), &got); err != nil {
				t.Fatal(err)
			}
			gotJSON, _ := json.Marshal(got)
			wantJSON, _ := json.Marshal(want)
			if !bytes.Equal(gotJSON, wantJSON) {
				t.Errorf("\ngot  %s\nwant %s", gotJSON, wantJSON)
			}
		})
	}
}
