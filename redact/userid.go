// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package redact

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"
	"unicode"

	"go.opentelemetry.io/otel/attribute"
)

// isUserID reports whether the last words of a key are those of a user's id, or of several:
// user.id, user_id, enduser.id, caller.user_id, userId, UserIDs, x-user-id, usr.id. The words
// of a key are separated by anything that is no letter and no digit, or by a capital letter
// after a small one.
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

// wordsOf returns the last words of a key in lower case, as many as matter.
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

// hash hashes the ids of a value: a text, a number by its decimal text, each element of a list
// and each member of a map. True, false and what is empty stay.
func (r *Redactor) hash(v *attribute.Value, depth int) (changed bool) {
	switch v.Type() {
	case attribute.STRING:
		return r.hashID(v, v.AsString())
	case attribute.INT64:
		return r.hashID(v, strconv.FormatInt(v.AsInt64(), 10))
	case attribute.FLOAT64:
		return r.hashID(v, strconv.FormatFloat(v.AsFloat64(), 'f', -1, 64))
	case attribute.BYTESLICE:
		return r.hashID(v, string(v.AsByteSlice()))
	case attribute.STRINGSLICE:
		return r.hashAll(v, valuesOf(v.AsStringSlice(), attribute.StringValue), depth)
	case attribute.INT64SLICE:
		return r.hashAll(v, valuesOf(v.AsInt64Slice(), attribute.Int64Value), depth)
	case attribute.FLOAT64SLICE:
		return r.hashAll(v, valuesOf(v.AsFloat64Slice(), attribute.Float64Value), depth)
	case attribute.SLICE:
		return r.hashAll(v, v.AsSlice(), depth)
	case attribute.MAP:
		return r.hashMembers(v, depth)
	}
	return false
}

func (r *Redactor) hashID(v *attribute.Value, id string) (changed bool) {
	if id == "" || isHash(id) {
		return false
	}
	mac := hmac.New(sha256.New, r.userKey)
	mac.Write([]byte(id))
	*v = attribute.StringValue(hashPrefix + hex.EncodeToString(mac.Sum(nil)[:hashBytes]))
	return true
}

// isHash reports whether an id was hashed before, by another process perhaps,
// that handed it on.
func isHash(id string) bool {
	if len(id) != len(hashPrefix)+2*hashBytes || id[:len(hashPrefix)] != hashPrefix {
		return false
	}
	_, err := hex.DecodeString(id[len(hashPrefix):])
	return err == nil
}

// hashAll makes v the list with its elements hashed. A list of texts stays one.
func (r *Redactor) hashAll(v *attribute.Value, list []attribute.Value, depth int) (changed bool) {
	if depth == maxDepth {
		*v = attribute.StringValue("…")
		return true
	}
	texts := make([]string, 0, len(list))
	for i := range list {
		changed = r.hash(&list[i], depth+1) || changed
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

func (r *Redactor) hashMembers(v *attribute.Value, depth int) (changed bool) {
	if depth == maxDepth {
		*v = attribute.StringValue("…")
		return true
	}
	members, changed := r.members(v.AsMap(), true, depth+1)
	if changed {
		*v = attribute.MapValue(members...)
	}
	return changed
}

func (r *Redactor) hashMember(kv *attribute.KeyValue, depth int) (changed bool) {
	key := kv.Key
	if kv.Key = r.Key(key); kv.Key != key {
		changed = true
	}
	if r.known.Of(key).Verdict&secret != 0 {
		return r.hideValue(key, &kv.Value) || changed
	}
	return r.hash(&kv.Value, depth) || changed
}
