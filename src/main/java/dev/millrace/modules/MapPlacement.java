package dev.millrace.modules;

import dev.millrace.api.ImageInfo;
import dev.millrace.api.Placement;

/**
 * Where an image lies on a map of the model's input.
 *
 * @param placement of the image in the input
 * @param width of the map
 * @param height of the map
 * @param scaleX map pixels per input pixel
 * @param scaleY map pixels per input pixel
 */
record MapPlacement(
        Placement placement, ImageInfo image, int width, int height, double scaleX, double scaleY) {

    int left() {
        return onMap(placement.offsetX() * scaleX, width);
    }

    int top() {
        return onMap(placement.offsetY() * scaleY, height);
    }

    /** Behind the last column. */
    int right() {
        double inputX = placement.offsetX() + image.width() * placement.scaleX();
        return onMap(inputX * scaleX, width);
    }

    /** Behind the last row. */
    int bottom() {
        double inputY = placement.offsetY() + image.height() * placement.scaleY();
        return onMap(inputY * scaleY, height);
    }

    /** Map pixels that show the image. */
    long area() {
        return (long) (right() - left()) * (bottom() - top());
    }

    /** From map pixels to image pixels, within the image. */
    float imageX(double mapX) {
        return (float) Math.clamp(placement.imageX(mapX / scaleX), 0.0, image.width());
    }

    /** From map pixels to image pixels, within the image. */
    float imageY(double mapY) {
        return (float) Math.clamp(placement.imageY(mapY / scaleY), 0.0, image.height());
    }

    private static int onMap(double value, int side) {
        return Math.clamp(Math.round(value), 0, side);
    }
}
