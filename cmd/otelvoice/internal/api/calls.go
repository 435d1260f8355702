// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/voice-agents/telemetry/cmd/otelvoice/internal/call"
	"github.com/voice-agents/telemetry/internal/cleantext"
)

// A List is a page of the list of calls, the newest first.
type List struct {
	Calls []json.RawMessage `json:"calls"` // Each is an index.Row.
	Total int               `json:"total"`
	// Next is the offset of the next page; absent on the last one.
	Next int `json:"next,omitempty"`
	// Facets are the values of all calls that can be filtered by, sorted. The versions are those of the agent that is
	// asked for, the newest last.
	Facets map[string][]string `json:"facets"`
}

// maxPage is the largest page.
const maxPage = 1000

func (s *Server) calls(ctx context.Context, r *http.Request) (*List, error) {
	query := r.URL.Query()
	filter, err := s.filterOf(ctx, query)
	if err != nil {
		return nil, err
	}
	offset, err := count(query, "offset", 0)
	if err != nil {
		return nil, err
	}
	limit, err := count(query, "limit", 100)
	if err != nil {
		return nil, err
	}
	rows, total, err := s.Store.Calls(ctx, &filter, offset, min(limit, maxPage))
	if err != nil {
		return nil, err
	}
	list := &List{Calls: make([]json.RawMessage, len(rows)), Total: total}
	for i, row := range rows {
		list.Calls[i] = row
	}
	if end := offset + len(rows); len(rows) > 0 && end < total {
		list.Next = end
	}
	list.Facets, err = s.Store.Facets(ctx, filter.Agent)
	return list, err
}

// count returns a number of a query that is not negative.
func count(query url.Values, name string, otherwise int) (int, error) {
	text := query.Get(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return 0, badRequestError{fmt.Errorf("%s: %.40q is not a number of calls", name, text)}
	}
	return n, nil
}

// A Shown is a call as the page shows it.
type Shown struct {
	ID       string     `json:"id"`
	Document *call.Call `json:"document"`
	// HasRecording is true if /api/calls/ID/recording has the recording.
	HasRecording bool `json:"has_recording,omitempty"`
}

func (s *Server) call(ctx context.Context, r *http.Request) (*Shown, error) {
	id := r.PathValue("id")
	c, err := s.Index.Call(ctx, id)
	if err != nil {
		return nil, err
	}
	hasRecording := s.Recordings != nil && c.Recording != nil && s.Recordings.Has(c.Recording.URI)
	return &Shown{ID: id, Document: c, HasRecording: hasRecording}, nil
}

// export answers with a file to keep.
func (s *Server) export(w http.ResponseWriter, r *http.Request) {
	id := r.PathValue("id")
	c, err := s.Index.Call(r.Context(), id)
	if err != nil {
		failWith(w, err)
		return
	}
	var document bytes.Buffer
	encoder := json.NewEncoder(&document)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(c); err != nil {
		failWith(w, err)
		return
	}
	data, kind, suffix := document.Bytes(), "application/json; charset=utf-8", ".json"
	if r.URL.Query().Get("format") == "html" {
		if s.Page == nil {
			fail(w, http.StatusNotFound, "this viewer has no pages")
			return
		}
		data, kind, suffix = s.Page(data), "text/html; charset=utf-8", ".html"
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": fileName(id) + suffix}))
	_, _ = w.Write(data)
}

// fileName returns an ID as the name of a file.
func fileName(id string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == '-', r == '_':
			return r
		}
		return '_'
	}, cleantext.Head(id, 100))
}

// recording answers with the recording of a call.
func (s *Server) recording(w http.ResponseWriter, r *http.Request) {
	c, err := s.Index.Call(r.Context(), r.PathValue("id"))
	switch {
	case err != nil:
		failWith(w, err)
		return
	case s.Recordings == nil:
		err = errors.New("no recordings: start the viewer with -recordings DIR")
	case c.Recording == nil:
		err = errors.New("the call has no recording")
	default:
		err = s.Recordings.Serve(w, r, c.Recording.URI)
	}
	if err != nil {
		fail(w, http.StatusNotFound, err.Error())
	}
}
