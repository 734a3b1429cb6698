// SPDX-License-Identifier: Apache-2.0
#include "astrolabe/data/readers/jpeg_picture.h"

#include <array>
#include <csetjmp>
#include <cstdio>
#include <string>

#include <jpeglib.h>
// After it, for it uses its types.
#include <jerror.h>

namespace astrolabe::readers {
namespace {

constexpr int kMostScans = 100;  // a progressive file of many empty scans costs hours

// The library's errors come back by longjmp, so that nothing with a destructor may live between.
struct Decoder {
  jpeg_decompress_struct picture = {};
  jpeg_error_mgr errors = {};
  jpeg_progress_mgr progress = {};
  std::jmp_buf back = {};
  std::array<char, JMSG_LENGTH_MAX> message = {};
  bool is_guessed = false;  // data were missing, and something stands in their place
  std::string_view bytes;
  std::uint8_t* out = nullptr;
  std::size_t line = 0;  // bytes

  Decoder() = default;
  Decoder(const Decoder&) = delete;
  Decoder& operator=(const Decoder&) = delete;
  ~Decoder() { jpeg_destroy_decompress(&picture); }
};

Decoder& decoder_of(j_common_ptr picture) {
  return *static_cast<Decoder*>(picture->client_data);
}

void leave(j_common_ptr picture) {
  Decoder& decoder = decoder_of(picture);
  picture->err->format_message(picture, decoder.message.data());
  std::longjmp(decoder.back, 1);
}

void note_warning(j_common_ptr picture, int level) {
  if (level >= 0) return;
  const int code = picture->err->msg_code;
  if (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
      code == JWRN_ARITH_BAD_CODE)
    decoder_of(picture).is_guessed = true;
}

void count_scans(j_common_ptr picture) {
  if (decoder_of(picture).picture.input_scan_number <= kMostScans) return;
  std::snprintf(decoder_of(picture).message.data(), JMSG_LENGTH_MAX, "more than %d scans", kMostScans);
  std::longjmp(decoder_of(picture).back, 1);
}

void begin(Decoder& decoder) {
  jpeg_create_decompress(&decoder.picture);
  decoder.picture.progress = &decoder.progress;
  jpeg_mem_src(&decoder.picture, reinterpret_cast<const unsigned char*>(decoder.bytes.data()),
               static_cast<unsigned long>(decoder.bytes.size()));
  jpeg_read_header(&decoder.picture, TRUE);
}

void start(Decoder& decoder) {
  jpeg_start_decompress(&decoder.picture);
}

void read_lines(Decoder& decoder) {
  while (decoder.picture.output_scanline < decoder.picture.output_height) {
    JSAMPROW line = decoder.out + decoder.picture.output_scanline * decoder.line;
    jpeg_read_scanlines(&decoder.picture, &line, 1);
  }
  jpeg_finish_decompress(&decoder.picture);
}

void guarded(Decoder& decoder, void (*work)(Decoder&)) {
  if (setjmp(decoder.back) == 0) {
    work(decoder);
    return;
  }
  throw PictureFault(std::string("a damaged JPEG (") + decoder.message.data() + ")");
}

void open(Decoder& decoder, std::string_view bytes) {
  decoder.bytes = bytes;
  decoder.picture.err = jpeg_std_error(&decoder.errors);
  decoder.errors.error_exit = leave;
  decoder.errors.emit_message = note_warning;
  decoder.progress.progress_monitor = count_scans;
  decoder.picture.client_data = &decoder;
  guarded(decoder, begin);
}

bool is_grey(const Decoder& decoder) {
  return decoder.picture.jpeg_color_space == JCS_GRAYSCALE;
}

bool has_black(const Decoder& decoder) {
  return decoder.picture.jpeg_color_space == JCS_CMYK || decoder.picture.jpeg_color_space == JCS_YCCK;
}

// Halves that leave twice what is wanted.
unsigned shrink_of(const Decoder& decoder, const ImageShape& enough) {
  unsigned shrink = 1;
  if (enough.height == 0 || enough.width == 0) return shrink;
  while (shrink < 8 && decoder.picture.image_height / (2 * shrink) >= 2 * enough.height &&
         decoder.picture.image_width / (2 * shrink) >= 2 * enough.width)
    shrink *= 2;
  return shrink;
}

// Cyan, magenta, yellow and black to red, green, blue. Adobe writes them upside down.
std::vector<std::uint8_t> without_black(const std::vector<std::uint8_t>& inks, bool is_inverted) {
  std::vector<std::uint8_t> colours;
  colours.reserve(inks.size() / 4 * 3);
  for (std::size_t at = 0; at < inks.size(); at += 4) {
    const unsigned black = is_inverted ? inks[at + 3] : 255U - inks[at + 3];
    for (std::size_t c = 0; c < 3; ++c) {
      const unsigned ink = is_inverted ? inks[at + c] : 255U - inks[at + c];
      colours.push_back(static_cast<std::uint8_t>((ink * black + 127) / 255));
    }
  }
  return colours;
}

}  // namespace

ImageShape look_at_jpeg(std::string_view bytes) {
  Decoder decoder;
  open(decoder, bytes);
  return {.height = decoder.picture.image_height,
          .width = decoder.picture.image_width,
          .channels = is_grey(decoder) ? 1U : 3U};
}

Picture decode_jpeg(std::string_view bytes, const ImageShape& enough) {
  Decoder decoder;
  open(decoder, bytes);
  const bool inks = has_black(decoder);
  decoder.picture.out_color_space = is_grey(decoder) ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
  decoder.picture.scale_num = 1;
  decoder.picture.scale_denom = shrink_of(decoder, enough);
  guarded(decoder, start);
  Picture picture{.shape = {.height = decoder.picture.output_height,
                            .width = decoder.picture.output_width,
                            .channels = static_cast<std::size_t>(decoder.picture.output_components)},
                  .bytes = {}};
  picture.bytes.resize(picture.shape.size());
  decoder.out = picture.bytes.data();
  decoder.line = picture.shape.width * picture.shape.channels;
  guarded(decoder, read_lines);
  if (decoder.is_guessed) throw PictureFault("a damaged JPEG (cut off, or with holes)");
  if (!inks) return picture;
  picture.bytes = without_black(picture.bytes, decoder.picture.saw_Adobe_marker != 0);
  picture.shape.channels = 3;
  return picture;
}

}  // namespace astrolabe::readers
