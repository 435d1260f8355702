// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

//go:build !unix

package segment

// noFollow is nothing here: openRegular compares the file with the path.
const noFollow = 0
