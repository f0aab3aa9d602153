"""Surfaces of labels, rendered off screen: one colour for each vertebra and disc, cut open by a plane.

A scene belongs to the thread that made it: it is built, rendered and closed there.
"""

from __future__ import annotations

import os
import sys

import numpy as np
from numpy.typing import NDArray
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkCommonCore import vtkUnsignedCharArray
from vtkmodules.vtkCommonDataModel import vtkPlane, vtkPolyData
from vtkmodules.vtkCommonMath import vtkMatrix4x4
from vtkmodules.vtkCommonTransforms import vtkTransform
from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D, vtkPolyDataNormals, vtkWindowedSincPolyDataFilter
from vtkmodules.vtkFiltersGeneral import vtkTransformFilter
from vtkmodules.vtkRenderingCore import (
    vtkActor,
    vtkPolyDataMapper,
    vtkProperty,
    vtkRenderer,
    vtkRenderWindow,
)
from vtkmodules.vtkRenderingOpenGL2 import vtkOpenGLRenderer

from lvp_workstation.domain.anatomy import CANAL, InstanceId
from lvp_workstation.domain.geometry import Array, Plane
from lvp_workstation.domain.labelmap import LabelMap
from lvp_workstation.domain.volume import COLUMN, ROW, SLICE
from lvp_workstation.render.convert import index_image
from lvp_workstation.render.label_lut import instance_colour
from lvp_workstation.render.slice_scene import Pixels
from lvp_workstation.render.view_transform import ViewTransform

STRIDE = 2
"""Every second row and column is enough for surfaces of structures centimetres wide (our choice)."""

SMOOTHINGS, PASS_BAND = 25, 0.05
"""Passes and pass band of the windowed sinc filter that takes the steps between slices away (our choice)."""

FAR_MM = 2000.0
"""Distance of the camera from the middle: everything lies before it."""

OPACITY = {CANAL: 0.55}
"""The canal lets what lies behind it be seen (our choice)."""


class SurfaceScene:
    """Renders the surfaces of one label map."""

    def __init__(self, labels: LabelMap) -> None:
        if sys.platform.startswith("linux"):  # needs no display, and no word with the one the window is on
            os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
        self._renderer: vtkRenderer = vtkOpenGLRenderer()
        self._renderer.SetBackground(0.0, 0.0, 0.0)
        self._window = vtkRenderWindow()
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.AddRenderer(self._renderer)
        self._mappers: list[vtkPolyDataMapper] = []
        for instance in labels.instances:
            self._add(instance, surface_of(labels, instance))

    def render(self, camera: ViewTransform, clip: Plane | None = None) -> Pixels:
        """Return the pixels of a view, shape (height, width).

        What lies on the side of ``clip`` (LPS mm) away from its normal is cut away.
        """
        self._window.SetSize(camera.width, camera.height)
        self._aim(camera)
        for mapper in self._mappers:
            mapper.RemoveAllClippingPlanes()
            if clip is not None:
                mapper.AddClippingPlane(_vtk_plane(clip))
        self._window.Render()
        return self._read(camera.width, camera.height)

    def close(self) -> None:
        """Let go of window and surfaces."""
        self._mappers.clear()
        self._renderer.RemoveAllViewProps()
        self._window.Finalize()

    def _add(self, instance: InstanceId, surface: vtkPolyData) -> None:
        mapper, actor, back = vtkPolyDataMapper(), vtkActor(), vtkProperty()
        mapper.SetInputData(surface)
        mapper.ScalarVisibilityOff()
        actor.SetMapper(mapper)
        colour = [each / 255 for each in instance_colour(instance)]
        actor.GetProperty().SetColor(*colour)
        actor.GetProperty().SetAmbient(0.3)
        actor.GetProperty().SetSpecular(0.1)
        actor.GetProperty().SetOpacity(OPACITY.get(instance, 1.0))
        back.SetColor(*(0.45 * each for each in colour))
        actor.SetBackfaceProperty(back)
        self._mappers.append(mapper)
        self._renderer.AddActor(actor)

    def _aim(self, view: ViewTransform) -> None:
        camera = self._renderer.GetActiveCamera()
        camera.ParallelProjectionOn()
        camera.SetFocalPoint(*view.centre.tolist())
        camera.SetPosition(*(view.centre - FAR_MM * view.normal).tolist())
        camera.SetViewUp(*(-view.down).tolist())
        camera.SetParallelScale(view.mm_per_pixel * view.height / 2)
        camera.SetClippingRange(1.0, 2 * FAR_MM)

    def _read(self, width: int, height: int) -> Pixels:
        found = vtkUnsignedCharArray()
        self._window.GetPixelData(0, 0, width - 1, height - 1, 1, found, 0)
        rgb = vtk_to_numpy(found).reshape(height, width, 3)[::-1].astype(np.uint32)
        return np.asarray(0xFF000000 | rgb[..., 0] << 16 | rgb[..., 1] << 8 | rgb[..., 2], dtype=np.uint32)


def surface_of(labels: LabelMap, instance: InstanceId) -> vtkPolyData:
    """Return the smoothed surface of an instance, LPS mm."""
    box, first = _box(labels.mask(instance))
    edges = vtkFlyingEdges3D()
    edges.SetInputData(index_image(box))
    edges.SetValue(0, 0.5)
    edges.ComputeNormalsOff()
    smooth = vtkWindowedSincPolyDataFilter()
    smooth.SetInputConnection(edges.GetOutputPort())
    smooth.SetNumberOfIterations(SMOOTHINGS)
    smooth.SetPassBand(PASS_BAND)
    smooth.NormalizeCoordinatesOn()
    placed = vtkTransformFilter()
    placed.SetInputConnection(smooth.GetOutputPort())
    placed.SetTransform(_to_world(labels.geometry.affine, first))
    normals = vtkPolyDataNormals()
    normals.SetInputConnection(placed.GetOutputPort())
    normals.SplittingOff()
    normals.Update()
    surface: vtkPolyData = normals.GetOutput()
    return surface


def _box(mask: NDArray[np.bool_]) -> tuple[NDArray[np.uint8], Array]:
    """Return an instance with a border of nothing, thinned in rows and columns, and its first index."""
    ranges = []
    for axis in (SLICE, ROW, COLUMN):
        others = tuple(each for each in (SLICE, ROW, COLUMN) if each != axis)
        found = np.flatnonzero(mask.any(axis=others))
        ranges.append((int(found[0]), int(found[-1]) + 1))
    (s0, s1), (r0, r1), (c0, c1) = ranges
    inside = mask[s0:s1, r0:r1:STRIDE, c0:c1:STRIDE].astype(np.uint8)
    return np.ascontiguousarray(np.pad(inside, 1)), np.array((s0 - 1.0, r0 - STRIDE, c0 - STRIDE))


def _to_world(affine: Array, first: Array) -> vtkTransform:
    """Return the way from (column, row, slice) of a thinned box to LPS mm."""
    steps = np.array([STRIDE, STRIDE, 1.0])
    matrix = np.eye(4)
    matrix[:3, :3] = affine[:3, [COLUMN, ROW, SLICE]] * steps
    matrix[:3, 3] = affine[:3, :3] @ first + affine[:3, 3]
    raw, transform = vtkMatrix4x4(), vtkTransform()
    raw.DeepCopy(matrix.reshape(-1).tolist())
    transform.SetMatrix(raw)
    return transform


def _vtk_plane(plane: Plane) -> vtkPlane:
    found = vtkPlane()
    found.SetOrigin(*plane.point.tolist())
    found.SetNormal(*plane.normal.tolist())
    return found
