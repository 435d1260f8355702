// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package recordings serves the recordings of calls: from a directory, or from a server by HTTP.
//
// Recordings of a server pass through the viewer, so that a page asks no other origin than its own: its policy stays
// the same, the server needs no CORS, and credentials in the URL stay here. Only the given server is asked, whatever
// the URI of a call says. Its redirects are not followed.
package recordings

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path"
	"strings"
	"time"
)

// A Source is where recordings are. It is safe for concurrent use.
type Source struct {
	directory string
	base      *url.URL // Nil for a directory.
	client    *http.Client
}

// The errors of a source. Others wrap [os.ErrNotExist].
var (
	errNoURI  = errors.New("the call has no recording")
	errNoName = errors.New("the URI of the recording names no file")
)

// Open returns the source of a place: the path of a directory, or a URL whose scheme is file, http or https. It
// asks no server.
func Open(place string) (*Source, error) {
	scheme, _, isURL := strings.Cut(place, "://")
	if !isURL {
		return directory(place)
	}
	base, err := url.Parse(place)
	if err != nil {
		return nil, errors.New("recordings: the URL cannot be read") // The error of url.Parse may have a password.
	}
	switch strings.ToLower(scheme) {
	case "file":
		if base.Host != "" && base.Host != "localhost" {
			return nil, fmt.Errorf("recordings: a URL with the scheme file is of this machine, and not of %s", base.Host)
		}
		return directory(base.Path)
	case "http", "https":
		if base.Host == "" || base.Fragment != "" || base.Opaque != "" {
			return nil, errors.New("recordings: want a URL with a host and without a fragment, such as https://recordings.example/calls/")
		}
	default:
		return nil, fmt.Errorf("recordings: the scheme of %s:// is not file, http or https", scheme)
	}
	base.Path = strings.TrimSuffix(path.Clean("/"+base.Path), "/") + "/"
	base.RawPath = ""
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment, ResponseHeaderTimeout: 10 * time.Second, TLSHandshakeTimeout: 10 * time.Second,
		IdleConnTimeout: 30 * time.Second, MaxConnsPerHost: 16, DisableCompression: true, // Ranges are of what is sent.
	}
	return &Source{base: base, client: &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

func directory(name string) (*Source, error) {
	info, err := os.Stat(name)
	if err != nil {
		return nil, fmt.Errorf("recordings: %w", err)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("recordings: %s is not a directory", name)
	}
	return &Source{directory: name}, nil
}

// Close closes idle connections.
func (s *Source) Close() {
	if s.client != nil {
		s.client.CloseIdleConnections()
	}
}

// Has reports whether the recording with a URI can be served. Of a server it reports only whether the URI names a
// file: a page is not kept waiting for the server.
func (s *Source) Has(uri string) bool {
	if s.base != nil {
		_, err := s.locate(uri)
		return err == nil
	}
	f, err := s.open(uri)
	if err == nil {
		_ = f.Close()
	}
	return err == nil
}

// Serve answers a request with the recording that has a URI. It returns an error if it has not answered.
func (s *Source) Serve(w http.ResponseWriter, r *http.Request, uri string) error {
	if s.base != nil {
		return s.forward(w, r, uri)
	}
	f, err := s.open(uri)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	http.ServeContent(w, r, info.Name(), info.ModTime(), f)
	return nil
}

// nameOf returns the last part of the path of a URI.
func nameOf(uri string) (name string, of *url.URL, err error) {
	if uri == "" {
		return "", nil, errNoURI
	}
	of, err = url.Parse(uri)
	if err != nil {
		return "", nil, errors.New("the URI of the recording cannot be read")
	}
	name = path.Base(strings.ReplaceAll(cmp.Or(of.Path, of.Opaque), `\`, "/")) // C:\calls\1.wav has no path.
	if name == "." || name == "/" || name == ".." || strings.ContainsFunc(name, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return "", nil, errNoName
	}
	return name, of, nil
}

// open opens the file of the directory that has the name that the URI ends with.
func (s *Source) open(uri string) (*os.File, error) {
	name, _, err := nameOf(uri)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenInRoot(s.directory, name)
	if err != nil {
		return nil, fmt.Errorf("no recording %s in the directory of the recordings", name)
	}
	if info, err := f.Stat(); err != nil || !info.Mode().IsRegular() {
		_ = f.Close()
		return nil, fmt.Errorf("the recording %s is not a file", name)
	}
	return f, nil
}

// locate returns the URL of a recording: the URI itself if it is below the base, and else the name that it ends with
// below the base.
func (s *Source) locate(uri string) (*url.URL, error) {
	name, of, err := nameOf(uri)
	if err != nil {
		return nil, err
	}
	at := *s.base
	if rest, ok := strings.CutPrefix(of.Path, at.Path); ok && of.Scheme == at.Scheme && of.Host == at.Host && path.Clean("/"+rest) == "/"+rest &&
		!strings.Contains(rest, `\`) {
		name = rest
	}
	at.Path += name
	return &at, nil
}

// passed are the headers of a request and of an answer that pass through.
var (
	passed = []string{"Range", "If-Range", "If-None-Match", "If-Modified-Since"}
	answer = []string{"Content-Length", "Content-Range", "Accept-Ranges", "Etag", "Last-Modified"}
)

// forward asks the server.
func (s *Source) forward(w http.ResponseWriter, r *http.Request, uri string) error {
	at, err := s.locate(uri)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(r.Context(), r.Method, at.String(), http.NoBody)
	if err != nil {
		return errNoName
	}
	for _, name := range passed {
		if v := r.Header.Get(name); v != "" {
			request.Header.Set(name, v)
		}
	}
	request.Header.Set("Accept-Encoding", "identity")
	response, err := s.client.Do(request) // #nosec G704 -- its server is the one that the user of the viewer named.
	if err != nil {
		return fmt.Errorf("the server of the recordings at %s does not answer", s.base.Host)
	}
	defer func() { _ = response.Body.Close() }()
	switch response.StatusCode {
	case http.StatusOK, http.StatusPartialContent, http.StatusNotModified, http.StatusRequestedRangeNotSatisfiable:
	default:
		return fmt.Errorf("the server of the recordings at %s answered with the status %d", s.base.Host, response.StatusCode)
	}
	h := w.Header()
	for _, name := range answer {
		if v := response.Header.Get(name); v != "" {
			h.Set(name, v)
		}
	}
	h.Set("Content-Type", kindOf(response.Header.Get("Content-Type")))
	w.WriteHeader(response.StatusCode)
	_, _ = io.Copy(w, response.Body) // What broke off shows by its length.
	return nil
}

// kindOf returns the type of a recording. What is neither sound nor video is bytes, so that no page comes from the
// server.
func kindOf(kind string) string {
	lower := strings.ToLower(kind)
	if strings.HasPrefix(lower, "audio/") || strings.HasPrefix(lower, "video/") {
		return kind
	}
	return "application/octet-stream"
}
