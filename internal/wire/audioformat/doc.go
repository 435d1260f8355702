// Copyright The otelvoice Authors
// SPDX-License-Identifier: Apache-2.0

// Package audioformat reads how providers describe audio: content types, names of formats and
// headers of WAV files. It also decodes audio in base64. It keeps no audio.
package audioformat
