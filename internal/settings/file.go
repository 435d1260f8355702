// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// maxFileBytes bounds the configuration file: it has about twenty keys.
const maxFileBytes = 1 << 20

// A FileError describes an invalid value in a configuration file, or an invalid
// file.
type FileError struct {
	Path string
	Line int    // From 1; 0 if it is the file as a whole.
	Key  string // "" if it is the file's form.
	// Value is as it is written in the file.
	Value string
	// Want describes the allowed values.
	Want string
}

// Error names file and line, the key and its value, and what is allowed.
func (e *FileError) Error() string {
	var b strings.Builder
	b.WriteString(e.Path)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d", e.Line)
	}
	if e.Key != "" {
		fmt.Fprintf(&b, ": %q", e.Key)
		if e.Value != "" {
			fmt.Fprintf(&b, ": %s", e.Value)
		}
	}
	return b.String() + ": want " + e.Want
}

// entry is a key of the file with its value as text.
type entry struct {
	text string
	line int
}

// readFile reads a configuration file: a JSON object of known keys, each once.
// The error joins the errors of all values.
func readFile(path string) (map[string]entry, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("LOG_CONFIG_FILE: read the log configuration: %w", err)
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxFileBytes+1))
	if err != nil {
		return nil, fmt.Errorf("LOG_CONFIG_FILE: read the log configuration: %w", err)
	}
	if len(data) > maxFileBytes {
		return nil, &FileError{Path: path, Want: "a JSON object of less than 1 MB"}
	}
	return parseFile(path, data)
}

// fileParser walks through the tokens of a file.
type fileParser struct {
	path    string
	data    []byte
	decoder *json.Decoder
	entries map[string]entry
	errs    []error
}

func parseFile(path string, data []byte) (map[string]entry, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff")) // Some editors begin files with it.
	p := &fileParser{path: path, data: data, decoder: json.NewDecoder(bytes.NewReader(data)), entries: make(map[string]entry)}
	p.decoder.UseNumber()
	if err := p.object(); err != nil {
		return nil, err
	}
	return p.entries, errors.Join(p.errs...)
}

// line returns the line at which the decoder is.
func (p *fileParser) line() int {
	return 1 + bytes.Count(p.data[:p.decoder.InputOffset()], []byte{'\n'})
}

// broken returns the error of a file that is no JSON object.
func (p *fileParser) broken(err error) error {
	e := &FileError{Path: p.path, Line: p.line(), Want: "a JSON object"}
	var syntax *json.SyntaxError
	switch {
	case len(bytes.TrimSpace(p.data)) == 0:
		e.Line, e.Want = 0, "a JSON object, and the file is empty"
	case errors.As(err, &syntax):
		end := min(max(syntax.Offset, p.decoder.InputOffset()), int64(len(p.data)))
		e.Line = 1 + bytes.Count(p.data[:end], []byte{'\n'})
		e.Want += " (" + syntax.Error() + ")"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
		e.Want += " (it ends in the middle)"
	}
	return e
}

func (p *fileParser) object() error {
	if token, err := p.decoder.Token(); err != nil || token != json.Delim('{') {
		return p.broken(err)
	}
	for p.decoder.More() {
		token, err := p.decoder.Token()
		if err != nil {
			return p.broken(err)
		}
		key, _ := token.(string)
		if err := p.member(key); err != nil {
			return err
		}
	}
	if _, err := p.decoder.Token(); err != nil {
		return p.broken(err)
	}
	if _, err := p.decoder.Token(); !errors.Is(err, io.EOF) {
		return &FileError{Path: p.path, Line: p.line(), Want: "one JSON object and nothing after it"}
	}
	return nil
}

// member reads the value of a key. It returns an error only if the file is not
// JSON. Invalid values are collected, so that all are reported at once.
func (p *fileParser) member(key string) error {
	line := p.line()
	var raw json.RawMessage
	if err := p.decoder.Decode(&raw); err != nil {
		return p.broken(err)
	}
	fail := func(want string) {
		p.errs = append(p.errs, &FileError{Path: p.path, Line: line, Key: key, Value: shown(raw), Want: want})
	}
	s, known := SwitchOf(key)
	first, twice := p.entries[key]
	text, scalar := textOf(raw)
	switch {
	case !known:
		fail("a key among " + keys())
	case twice:
		fail(fmt.Sprintf("each key once, and it is on line %d already", first.line))
	case !scalar:
		fail(s.Want)
	default:
		canonical, ok := s.parse(text)
		if !ok {
			fail(s.Want)
			return nil
		}
		p.entries[key] = entry{text: canonical, line: line}
	}
	return nil
}

// textOf returns a value as a variable would have it: a list is its members,
// separated by commas. It is false for objects, null, and lists of other things
// than text.
func textOf(raw json.RawMessage) (string, bool) {
	switch raw[0] {
	case '{', 'n':
		return "", false
	case '[':
		var list []json.RawMessage
		if err := json.Unmarshal(raw, &list); err != nil {
			return "", false
		}
		texts := make([]string, len(list))
		for i, member := range list {
			if err := json.Unmarshal(member, &texts[i]); err != nil || member[0] != '"' || strings.Contains(texts[i], ",") {
				return "", false
			}
		}
		return strings.Join(texts, ","), true
	case '"':
		var text string
		if err := json.Unmarshal(raw, &text); err != nil {
			return "", false
		}
		return strings.TrimSpace(text), true
	}
	return string(raw), true // A number, true or false.
}

// shown returns a value as an error shows it: short.
func shown(raw json.RawMessage) string {
	const most = 80
	if len(raw) <= most {
		return string(raw)
	}
	return strings.ToValidUTF8(string(raw[:most]), "") + "…"
}

func keys() string {
	var names []string
	for _, s := range Switches() {
		names = append(names, s.Key)
	}
	return strings.Join(names, ", ")
}
