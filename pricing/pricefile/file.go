// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package pricefile

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/voice-agents/telemetry/pricing"
)

// maxSize is the largest size of a price file, in bytes.
const maxSize = 4 << 20

// maxErrors is how many mistakes of a file are reported.
const maxErrors = 10

// Read reads the price file at a path.
func Read(path string) (*pricing.List, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("read price file: %w", err)
	}
	if !info.Mode().IsRegular() { // Opening a pipe could wait for ever.
		return nil, fmt.Errorf("read price file: %s is not a regular file", path)
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read price file: %w", err)
	}
	defer func() { _ = file.Close() }()
	data, err := io.ReadAll(io.LimitReader(file, maxSize+1))
	if err != nil {
		return nil, fmt.Errorf("read price file: %w", err)
	}
	return Parse(path, data)
}

// Parse reads the content of a price file. The name is that of the file in errors.
func Parse(name string, data []byte) (*pricing.List, error) {
	if len(data) > maxSize {
		return nil, fmt.Errorf("price file %s has more than %d bytes: use fewer prices", name, maxSize)
	}
	root, err := decode(data)
	if err != nil {
		return nil, fmt.Errorf("price file %s: %w", name, err)
	}
	r := &reader{name: name}
	prices := r.file(root)
	if err := r.err(); err != nil {
		return nil, fmt.Errorf("price file: %w", err)
	}
	list, err := pricing.New(prices...)
	if err != nil {
		return nil, fmt.Errorf("price file: %w", err)
	}
	return list, nil
}

// decode decodes a file of one YAML document, which may be JSON.
func decode(data []byte) (root *yaml.Node, err error) {
	defer func() {
		if v := recover(); v != nil { // In the decoder.
			root, err = nil, errors.New("it is neither YAML nor JSON")
		}
	}()
	dec := yaml.NewDecoder(strings.NewReader(string(data)))
	var first, second yaml.Node
	switch err := dec.Decode(&first); {
	case errors.Is(err, io.EOF):
		return nil, errors.New("it is empty: add a list with the key prices")
	case err != nil:
		return nil, syntaxError(err)
	}
	switch err := dec.Decode(&second); {
	case errors.Is(err, io.EOF):
	case err != nil:
		return nil, syntaxError(err)
	default:
		return nil, fmt.Errorf("line %d: it has several documents: use one", second.Line)
	}
	return first.Content[0], nil
}

// syntaxError returns an error of the decoder without the decoder's name.
func syntaxError(err error) error {
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	if strings.Contains(text, "alphabetic or numeric character") {
		text += ": quote a model that begins with an asterisk"
	}
	return errors.New(text)
}
