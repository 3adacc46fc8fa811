// The family's last page and a home visit: photographs are made smaller before they travel, and a finger signs.
// Without this script the whole photograph is sent, and the commitment is signed on paper.
"use strict";
(() => {
  const LONGEST = 1800;
  const QUALITY = 0.82;

  // --- photographs -------------------------------------------------------------------------------
  async function shrunk(file) {
    if (!file.type.startsWith("image/") || !window.createImageBitmap) return file;
    const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
    const scale = Math.min(1, LONGEST / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(picture.width * scale);
    canvas.height = Math.round(picture.height * scale);
    const pen = canvas.getContext("2d");
    pen.fillStyle = "#fff";
    pen.fillRect(0, 0, canvas.width, canvas.height);
    pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    return blob && blob.size < file.size ? new File([blob], "photo.jpg", { type: "image/jpeg" }) : file;
  }

  const inKilobytes = (size) => `${Math.max(1, Math.round(size / 1024)).toLocaleString("en")}KB`;
  for (const form of document.querySelectorAll("form[data-shrink]")) {
    const input = form.querySelector("input[type=file]");
    const note = form.querySelector("[data-shrink-note]");
    input.addEventListener("change", async () => {
      const files = [...input.files];
      if (!files.length) return;
      try {
        const box = new DataTransfer();
        for (const file of files) box.items.add(await shrunk(file));
        input.files = box.files;
        const size = [...box.files].reduce((sum, file) => sum + file.size, 0);
        note.textContent = `${inKilobytes(size)}，可以上传`;
      } catch {
        note.textContent = "这个文件不是照片，将原样上传，由系统检查";
      }
      note.hidden = false;
    });
  }

  // --- the signature -----------------------------------------------------------------------------
  for (const form of document.querySelectorAll("form[data-signs]")) {
    const box = form.querySelector("[data-pad]");
    const canvas = box.querySelector("canvas");
    const kept = form.querySelector("input[name=drawn]");
    box.hidden = false;
    const pen = canvas.getContext("2d");
    let drawing = false;
    function clear() {
      canvas.width = canvas.clientWidth * 2;
      canvas.height = canvas.clientHeight * 2;
      pen.scale(2, 2);
      pen.lineWidth = 2.5;
      pen.lineCap = pen.lineJoin = "round";
      kept.value = "";
    }
    clear();
    canvas.addEventListener("pointerdown", (event) => {
      drawing = true;
      canvas.setPointerCapture(event.pointerId);
      pen.beginPath();
      pen.moveTo(event.offsetX, event.offsetY);
    });
    canvas.addEventListener("pointermove", (event) => {
      if (!drawing) return;
      pen.lineTo(event.offsetX, event.offsetY);
      pen.stroke();
    });
    for (const end of ["pointerup", "pointercancel"]) {
      canvas.addEventListener(end, () => {
        if (drawing) kept.value = canvas.toDataURL("image/png");
        drawing = false;
      });
    }
    box.querySelector("[data-pad-clear]").addEventListener("click", clear);
  }
})();
