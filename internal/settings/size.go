// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

package settings

import (
	"math"
	"strconv"
	"strings"
)

// units are those of a size, the largest first, as logrotate understands them:
// a kilobyte has 1,024 bytes.
var units = [...]struct {
	name  string
	bytes int64
}{
	{"GB", 1 << 30}, {"MB", 1 << 20}, {"KB", 1 << 10}, {"B", 1},
}

// ParseSize returns the bytes of a size: "10MB", "10 MiB", "512K", "1048576".
// KB, MB and GB are 2^10, 2^20 and 2^30 bytes, however they are spelled.
func ParseSize(text string) (int64, bool) {
	number := strings.ToUpper(strings.TrimSpace(text))
	unit := int64(1)
	for _, u := range units {
		letter := u.name[:1]
		rest, ok := cutUnit(number, u.name, letter+"IB", letter)
		if ok {
			number, unit = rest, u.bytes
			break
		}
	}
	n, err := strconv.ParseInt(number, 10, 64)
	if err != nil || n < 0 || n > math.MaxInt64/unit || strings.HasPrefix(number, "+") {
		return 0, false
	}
	return n * unit, true
}

func cutUnit(text string, names ...string) (string, bool) {
	for _, name := range names {
		if rest, ok := strings.CutSuffix(text, name); ok {
			return strings.TrimRight(rest, " "), true
		}
	}
	return text, false
}

// FormatSize returns the shortest spelling that says the same number of bytes.
func FormatSize(n int64) string {
	for _, u := range units {
		if u.bytes > 1 && n > 0 && n%u.bytes == 0 {
			return strconv.FormatInt(n/u.bytes, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10)
}

// maxBuffer bounds the memory that one switch may take.
const maxBuffer = 16 << 20

func parseBuffer(text string) (string, bool) {
	n, ok := ParseSize(text)
	return FormatSize(n), ok && n <= maxBuffer
}

func parseSize(text string) (string, bool) {
	n, ok := ParseSize(text)
	return FormatSize(n), ok
}
