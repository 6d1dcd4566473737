const KEPT = 20; // steps that can be undone

/** A frame to draw on: where it is white, the painting is to be. Each stroke is sent once it ends. */
export default {
  template: `
    <div class="pad">
      <div class="pad-stage" :style="{ aspectRatio: width + ' / ' + height }">
        <img :src="src" alt="the clip's frame" draggable="false" />
        <canvas ref="canvas" :width="width" :height="height" :class="{ off: !active }"
          @pointerdown="begin" @pointermove="go" @pointerup="end" @pointercancel="end"></canvas>
      </div>
      <div class="pad-tools" v-if="active">
        <button type="button" :aria-pressed="!erasing" @click="erasing = false">Brush</button>
        <button type="button" :aria-pressed="erasing" @click="erasing = true">Eraser</button>
        <label>Size <input type="range" min="4" max="200" v-model.number="size" /></label>
        <button type="button" @click="undo" :disabled="!steps.length">Undo</button>
        <button type="button" @click="fill">All</button>
        <button type="button" @click="invert">Invert</button>
        <button type="button" @click="clear">None</button>
      </div>
    </div>`,
  props: { src: String, mask: String, number: Number, width: Number, height: Number, active: Boolean },
  emits: ["drawn"],
  data: () => ({ erasing: false, size: 60, steps: [], last: null }),
  mounted() { this.load(); },
  watch: { mask() { this.load(); }, number() { this.load(); }, width() { this.load(); } },
  methods: {
    pen() { return this.$refs.canvas.getContext("2d", { willReadFrequently: true }); },
    pixels() { return this.pen().getImageData(0, 0, this.width, this.height); },
    /** Show the mask that is kept, unless it is the one just sent. */
    async load() {
      const key = `${this.number} ${this.mask}`;
      if (this.mask && this.sent === this.number) { this.sent = null; this.shown = key; return; }
      if (this.shown === key) return;
      this.shown = key;
      this.sent = null;
      this.steps = [];
      await this.$nextTick(); // a canvas of another size is empty
      this.pen().clearRect(0, 0, this.width, this.height);
      if (!this.mask) return;
      const image = new Image();
      image.src = this.mask;
      await image.decode();
      if (this.shown !== key) return;
      this.pen().drawImage(image, 0, 0);
      const data = this.pixels();
      for (let i = 0; i < data.data.length; i += 4) {
        data.data[i + 3] = data.data[i];
        data.data[i] = data.data[i + 1] = data.data[i + 2] = 255;
      }
      this.pen().putImageData(data, 0, 0);
    },
    at(event) {
      const box = this.$refs.canvas.getBoundingClientRect();
      return [((event.clientX - box.left) * this.width) / box.width, ((event.clientY - box.top) * this.height) / box.height];
    },
    keep() { this.steps = [...this.steps, this.pixels()].slice(-KEPT); },
    begin(event) {
      if (!this.active || event.button) return;
      this.$refs.canvas.setPointerCapture(event.pointerId);
      this.keep();
      this.last = this.at(event);
      this.go(event);
    },
    go(event) {
      if (!this.last) return;
      const pen = this.pen();
      pen.globalCompositeOperation = this.erasing ? "destination-out" : "source-over";
      pen.strokeStyle = "#fff";
      pen.lineWidth = this.size;
      pen.lineCap = pen.lineJoin = "round";
      for (const each of event.getCoalescedEvents?.().length ? event.getCoalescedEvents() : [event]) {
        pen.beginPath();
        pen.moveTo(...this.last);
        this.last = this.at(each);
        pen.lineTo(...this.last);
        pen.stroke();
      }
      pen.globalCompositeOperation = "source-over";
    },
    end() { if (this.last) { this.last = null; this.send(); } },
    undo() { this.pen().putImageData(this.steps.at(-1), 0, 0); this.steps = this.steps.slice(0, -1); this.send(); },
    fill() { this.keep(); this.pen().fillStyle = "#fff"; this.pen().fillRect(0, 0, this.width, this.height); this.send(); },
    clear() { this.keep(); this.pen().clearRect(0, 0, this.width, this.height); this.send(); },
    invert() {
      this.keep();
      const data = this.pixels();
      for (let i = 0; i < data.data.length; i += 4) {
        data.data[i] = data.data[i + 1] = data.data[i + 2] = 255;
        data.data[i + 3] = 255 - data.data[i + 3];
      }
      this.pen().putImageData(data, 0, 0);
      this.send();
    },
    /** The mask as a picture, white where the painting is to be and black elsewhere. */
    send() {
      const flat = Object.assign(document.createElement("canvas"), { width: this.width, height: this.height });
      const pen = flat.getContext("2d");
      pen.fillRect(0, 0, this.width, this.height);
      pen.drawImage(this.$refs.canvas, 0, 0);
      this.sent = this.number;
      this.$emit("drawn", { number: this.number, picture: flat.toDataURL("image/png").split(",")[1] });
    },
  },
};
