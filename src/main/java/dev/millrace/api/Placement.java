package dev.millrace.api;

/**
 * Where an image lies in the model's input: {@code x_input = x_image * scaleX + offsetX}, likewise
 * y.
 *
 * @param scaleX input pixels per image pixel
 * @param scaleY input pixels per image pixel
 * @param offsetX left edge of the image in input pixels; negative where the image was cropped
 * @param offsetY top edge of the image in input pixels; negative where the image was cropped
 */
public record Placement(double scaleX, double scaleY, double offsetX, double offsetY) {
    /** From input pixels to image pixels. */
    public double imageX(double inputX) {
        return (inputX - offsetX) / scaleX;
    }

    /** From input pixels to image pixels. */
    public double imageY(double inputY) {
        return (inputY - offsetY) / scaleY;
    }
}
