// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redaction

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
)

// isUserID reports whether the last words of a key name a user ID, or several: user.id, user_id,
// enduser.id, caller.user_id, userId, UserIDs, x-user-id, usr.id. A word of a key ends at a character
// that is neither a letter nor a digit, and between a small letter and a capital one.
func isUserID(key attribute.Key) bool {
	words := wordsOf(string(key))
	if len(words) == 0 {
		return false
	}
	last := strings.TrimSuffix(words[len(words)-1], "s")
	if last == "id" && len(words) > 1 {
		last = words[len(words)-2] + "id"
	}
	switch last {
	case "userid", "usrid", "enduserid":
		return true
	}
	return false
}

// wordsOf returns the words of the last 64 bytes of a key, in lower case.
func wordsOf(key string) []string {
	const most = 64
	key = key[max(0, len(key)-most):]
	var b strings.Builder
	for i, c := range key {
		switch {
		case !unicode.IsLetter(c) && !unicode.IsDigit(c):
			c = ' '
		case i > 0 && unicode.IsUpper(c) && unicode.IsLower(rune(key[i-1])):
			b.WriteByte(' ')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return strings.Fields(b.String())
}

const (
	hashPrefix = "u_"
	hashBytes  = 8
)

// hash replaces the IDs in a value: a text, a number by its decimal text, each element of a list and
// each value of a map. Booleans and empty values stay.
func (e *Engine) hash(v *attribute.Value, depth int) (changed bool) {
	switch v.Type() {
	case attribute.STRING:
		return e.hashID(v, v.AsString())
	case attribute.INT64:
		return e.hashID(v, strconv.FormatInt(v.AsInt64(), 10))
	case attribute.FLOAT64:
		return e.hashID(v, strconv.FormatFloat(v.AsFloat64(), 'f', -1, 64))
	case attribute.BYTESLICE:
		return e.hashID(v, string(v.AsByteSlice()))
	case attribute.STRINGSLICE:
		return e.hashList(v, valuesOf(v.AsStringSlice(), attribute.StringValue), depth)
	case attribute.INT64SLICE:
		return e.hashList(v, valuesOf(v.AsInt64Slice(), attribute.Int64Value), depth)
	case attribute.FLOAT64SLICE:
		return e.hashList(v, valuesOf(v.AsFloat64Slice(), attribute.Float64Value), depth)
	case attribute.SLICE:
		return e.hashList(v, v.AsSlice(), depth)
	case attribute.MAP:
		return e.hashMap(v, depth)
	}
	return false
}

func (e *Engine) hashID(v *attribute.Value, id string) (changed bool) {
	if id == "" || isHash(id) {
		return false
	}
	mac := hmac.New(sha256.New, e.userKey)
	mac.Write([]byte(id))
	*v = attribute.StringValue(hashPrefix + hex.EncodeToString(mac.Sum(nil)[:hashBytes]))
	return true
}

// isHash reports whether an ID is already a hash: another process may have hashed it and passed it on.
func isHash(id string) bool {
	if len(id) != len(hashPrefix)+2*hashBytes || id[:len(hashPrefix)] != hashPrefix {
		return false
	}
	_, err := hex.DecodeString(id[len(hashPrefix):])
	return err == nil
}

// hashList makes v the list with its elements hashed. A list of texts stays a list of texts.
func (e *Engine) hashList(v *attribute.Value, list []attribute.Value, depth int) (changed bool) {
	if depth == maxDepth {
		*v = attribute.StringValue("…")
		return true
	}
	texts := make([]string, 0, len(list))
	for i := range list {
		changed = e.hash(&list[i], depth+1) || changed
		if list[i].Type() == attribute.STRING {
			texts = append(texts, list[i].AsString())
		}
	}
	switch {
	case !changed:
	case len(texts) == len(list) && v.Type() != attribute.SLICE:
		*v = attribute.StringSliceValue(texts)
	default:
		*v = attribute.SliceValue(list...)
	}
	return changed
}

func (e *Engine) hashMap(v *attribute.Value, depth int) (changed bool) {
	if depth == maxDepth {
		*v = attribute.StringValue("…")
		return true
	}
	attrs, changed := e.attributeList(v.AsMap(), true, depth+1)
	if changed {
		*v = attribute.MapValue(attrs...)
	}
	return changed
}

func (e *Engine) hashAttribute(kv *attribute.KeyValue, depth int) (changed bool) {
	key := kv.Key
	if kv.Key = e.Key(key); kv.Key != key {
		changed = true
	}
	if e.keys.Of(key).Verdict&secretValue != 0 {
		return e.redactSecret(key, &kv.Value) || changed
	}
	return e.hash(&kv.Value, depth) || changed
}
