#!/usr/bin/env bash
# Expected: a labelled axis drawn with `ImageFont.load_default(size)`, a TrueType font since Pillow 10.1, has the letters
# of formulas, or an error says which are missing, as `load_default_imagefont()` raises one.
# What happens: it has ASCII alone. `θ`, `∂`, `−`, `×`, `²`, `ŷ` and even `é` are all drawn as one and the same empty box,
# nothing is raised or warned of, and `getlength` gives each a plausible width. Looked at: Pillow 13.0.0.
# Who writes "∂L/∂θ = −2" on a picture gets seven letters and boxes; ask for another font, or write the names in ASCII.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"${PYTHON:-python3}" -m venv "$folder/venv"
python="$folder/venv/bin/python"
"$python" -m pip install --quiet --disable-pip-version-check pillow==13.0.0

"$python" -W error - <<'END'
import PIL
from PIL import Image, ImageDraw, ImageFont

font = ImageFont.load_default(24)
old = ImageFont.load_default_imagefont()


def ink(text, font):
    image = Image.new("L", (60, 40))
    ImageDraw.Draw(image).text((5, 5), text, 255, font)
    return image.tobytes()


print("Pillow", PIL.__version__, font.getname())
letters = "θβσ∂−×²ŷéß€"
boxes = [letter for letter in letters if ink(letter, font) == ink("\uffff", font)]
print("drawn as the box of a letter that there is not:", "".join(boxes))
print("their widths:", {font.getlength(letter) for letter in boxes}, "that of x:", font.getlength("x"))
assert boxes == list(letters), "some of them are drawn now"
assert all(ink(chr(code), font) != ink("\uffff", font) for code in range(33, 127)), "ASCII has gaps now"
try:
    ink("θ", old)
except UnicodeEncodeError as error:
    print("the bitmap font:", error)
else:
    raise AssertionError("the bitmap font draws θ now")
END
