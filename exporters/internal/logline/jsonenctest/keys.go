// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package jsonenctest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"unicode/utf8"
)

// Check returns an error unless text is one JSON value in valid UTF-8, with
// nothing after it, in which no object has a key twice. encoding/json accepts
// duplicate keys, as most readers do, each in its own way.
func Check(text []byte) error {
	_, err := Keys(text)
	return err
}

// Keys returns the keys of the outermost object in the order they are written,
// or none if text is no object. It fails where [Check] does.
func Keys(text []byte) ([]string, error) {
	if !utf8.Valid(text) {
		return nil, fmt.Errorf("not valid UTF-8: %q", text)
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	keys, err := readValue(dec)
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("more than one value: %q", text)
	}
	return keys, nil
}

func readValue(dec *json.Decoder) (keys []string, err error) {
	token, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		seen := make(map[string]bool)
		for dec.More() {
			token, err := dec.Token()
			if err != nil {
				return nil, err
			}
			key, ok := token.(string)
			if !ok {
				return nil, fmt.Errorf("key %v is not a string", token)
			}
			if seen[key] {
				return nil, fmt.Errorf("duplicate key %q", key)
			}
			seen[key] = true
			keys = append(keys, key)
			if _, err := readValue(dec); err != nil {
				return nil, err
			}
		}
		_, err = dec.Token()
	case json.Delim('['):
		for dec.More() {
			if _, err := readValue(dec); err != nil {
				return nil, err
			}
		}
		_, err = dec.Token()
	}
	return keys, err
}
