// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package segment

// noFollow is 0 on this system: OpenRegular compares the file with the path.
const noFollow = 0
